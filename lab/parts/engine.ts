import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Choices } from '../choices.ts'
import type { Lab, Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { endShims, unusedPlugins } from '../machine/containerd.ts'
import { removeCgroup } from '../machine/cgroups.ts'
import { daemonRuns, endDaemon, ensureDaemon } from '../machine/daemon.ts'
import type { Daemon } from '../machine/daemon.ts'
import { ensureBridge, removeBridgesWithin, removeLink } from '../machine/links.ts'
import { unmountBelow } from '../machine/mounts.ts'
import { accepts, ask } from '../machine/probe.ts'
import { isInGroupOf, joinGroupOf } from './account.ts'
import { untilItAnswers } from './until.ts'

/** A Docker engine with a containerd, folders, a bridge and a cgroup of its own; or the one that the machine has. */
export const engine: Part = {
  name: 'engine',
  needs: ['network', 'account'],
  programs: ({ engine: chosen }) => (chosen.kind === 'own' ? ['dockerd', 'containerd', 'ip', 'iptables'] : []),
  answers: async ({ layout, choices }) => {
    const answer = await ask({ socketPath: engineSocket(layout, choices), path: '/_ping' })
    if (answer?.status !== 200) return false
    return choices.engine.kind === 'own' || (await isInGroupOf(layout, choices.engine.socket))
  },
  start: async (lab) => {
    if (lab.choices.engine.kind === 'existing') return await joinGroupOf(lab.layout, lab.choices.engine.socket)
    await startOwn(lab)
  },
  stop: async ({ layout, choices }) => {
    if (choices.engine.kind === 'own') await stopOwn(layout)
  },
  daemons: ({ engine: chosen }) => (chosen.kind === 'own' ? ['engine-containerd', 'engine'] : []),
  address: ({ layout, choices }) => `unix://${engineSocket(layout, choices)}`,
}

export function engineSocket(layout: Layout, { engine: chosen }: Choices): string {
  return chosen.kind === 'own' ? join(layout.sockets, 'docker.sock') : chosen.socket
}

/** dockerd's configuration file. */
export function engineConfig(layout: Layout): object {
  const { network, user, cgroups, state, sockets, id } = layout
  return {
    hosts: [`unix://${sockets}/docker.sock`],
    group: user,
    'data-root': join(state, 'engine', 'data'),
    'exec-root': join(sockets, 'docker'),
    pidfile: join(sockets, 'docker.pid'),
    containerd: containerdSocket(layout),
    'containerd-namespace': 'lab',
    'containerd-plugins-namespace': 'lab-plugins',
    bridge: network.engine.bridge,
    'default-address-pools': [network.enginePool],
    iptables: false,
    'ip-masq': false,
    // What a compose file publishes is served on this machine only.
    ip: '127.0.0.1',
    'cgroup-parent': `/${cgroups.engine}`,
    // Lowering it needs a right that not every machine's root has.
    'oom-score-adjust': 0,
    'shutdown-timeout': 2,
    'log-opts': { 'max-size': '10m', 'max-file': '2' },
    labels: [`slipway.lab=${id}`],
  }
}

function engineContainerdConfig(layout: Layout): string {
  return `version = 2
root = ${JSON.stringify(join(layout.state, 'engine', 'containerd'))}
state = ${JSON.stringify(join(layout.sockets, 'containerd'))}
disabled_plugins = ${JSON.stringify(['io.containerd.grpc.v1.cri', ...unusedPlugins])}
[grpc]
  address = ${JSON.stringify(containerdSocket(layout))}
`
}

async function startOwn({ layout }: Lab): Promise<void> {
  const folder = join(layout.state, 'engine')
  await mkdir(folder, { recursive: true })
  await mkdir(layout.sockets, { recursive: true, mode: 0o755 })
  await ensureBridge(layout.network.engine.bridge, layout.network.engine.address)
  await writeFile(join(folder, 'daemon.json'), JSON.stringify(engineConfig(layout), null, 2))
  await writeFile(join(folder, 'containerd.toml'), engineContainerdConfig(layout))
  const [containerd, dockerd] = engineDaemons(layout)
  await ensureDaemon(layout.state, containerd)
  await untilItAnswers(layout, containerd.name, 20_000, () => accepts({ path: containerdSocket(layout) }))
  // A dockerd that was killed leaves its pid file, and the next refuses to start if that id runs again as something else.
  if (!(await daemonRuns(layout.state, dockerd.name))) await rm(join(layout.sockets, 'docker.pid'), { force: true })
  await ensureDaemon(layout.state, dockerd)
  await untilItAnswers(
    layout,
    dockerd.name,
    60_000,
    async () => (await ask({ socketPath: join(layout.sockets, 'docker.sock'), path: '/_ping' }))?.status === 200,
  )
}

async function stopOwn(layout: Layout): Promise<void> {
  const socketPath = join(layout.sockets, 'docker.sock')
  await killContainers(socketPath)
  await endDaemon(layout.state, 'engine')
  await endDaemon(layout.state, 'engine-containerd')
  await endShims(containerdSocket(layout))
  await removeCgroup(layout.cgroups.engine)
  await unmountBelow([join(layout.state, 'engine'), join(layout.sockets, 'docker'), join(layout.sockets, 'containerd')])
  await removeBridgesWithin(layout.network.subnet)
  await removeLink(layout.network.engine.bridge)
}

/** So that nobody waits ten seconds for an application that does not listen to SIGTERM. */
async function killContainers(socketPath: string): Promise<void> {
  const answer = await ask({ socketPath, path: '/containers/json' })
  if (answer?.status !== 200) return
  const containers = JSON.parse(answer.body) as { Id: string }[]
  await Promise.all(containers.map(({ Id }) => ask({ socketPath, path: `/containers/${Id}/kill`, method: 'POST', timeout: 5_000 })))
}

function engineDaemons(layout: Layout): [Daemon, Daemon] {
  const folder = join(layout.state, 'engine')
  return [
    { name: 'engine-containerd', argv: ['containerd', '--config', join(folder, 'containerd.toml')] },
    { name: 'engine', argv: ['dockerd', '--config-file', join(folder, 'daemon.json')] },
  ]
}

function containerdSocket(layout: Layout): string {
  return join(layout.sockets, 'containerd.sock')
}
