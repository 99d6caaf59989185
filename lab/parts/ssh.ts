import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab, Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { endDaemon, ensureDaemon } from '../machine/daemon.ts'
import { banner } from '../machine/probe.ts'
import { findProgram } from '../machine/programs.ts'
import { run } from '../machine/run.ts'
import { homeFolder } from './account.ts'
import { linkBin } from './bin.ts'
import { engine } from './engine.ts'
import { kubeconfigOf, placeKubeconfig } from './kubernetes/kubeconfig.ts'
import { untilItAnswers } from './until.ts'

/** An ssh host on loopback, as integration, alpha and prod are in life: docker-compose, kustomize and kubectl on its PATH. */
export const ssh: Part = {
  name: 'ssh',
  needs: ['account', 'engine'],
  programs: () => ['sshd', 'ssh-keygen', 'docker-compose'],
  answers: async ({ layout }) => await sshAnswers(layout),
  start: async (lab) => {
    const { layout } = lab
    await makeKeys(layout)
    await linkBin(layout, {
      docker: await findProgram('docker', ['/usr/bin']),
      'docker-compose': await findProgram('docker-compose', ['/usr/bin']),
    })
    // The cluster may have come first.
    if (existsSync(kubeconfigOf(layout, lab.choices))) await placeKubeconfig(layout, lab.choices)
    const config = join(layout.shared, 'sshd_config')
    await writeFile(config, sshdConfig(lab))
    await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
    const sshd = await findProgram('sshd')
    if (!sshd) throw new Error('there is no sshd: apt-get install -y openssh-server')
    await ensureDaemon(layout.state, { name: 'ssh', argv: [sshd, '-D', '-e', '-f', config] })
    await untilItAnswers(layout, 'ssh', 10_000, () => sshAnswers(layout))
    await run([...sshCommand(layout), 'true'])
  },
  stop: async ({ layout }) => await endDaemon(layout.state, 'ssh'),
  daemons: () => ['ssh'],
  address: ({ layout }) => `${layout.user}@127.0.0.1:${layout.ports.ssh}`,
}

export function keyFile(layout: Layout): string {
  return join(layout.state, 'ssh', 'id_ed25519')
}

export function knownHostsFile(layout: Layout): string {
  return join(layout.state, 'ssh', 'known_hosts')
}

export function sshdConfig(lab: Lab): string {
  const { layout } = lab
  const environment = {
    PATH: `${layout.bin}:/usr/local/bin:/usr/bin:/bin`,
    DOCKER_HOST: engine.address(lab),
    KUBECONFIG: join(homeFolder(layout), '.kube', 'config'),
  }
  return `ListenAddress 127.0.0.1
Port ${layout.ports.ssh}
HostKey ${join(layout.shared, 'host_ed25519')}
AuthorizedKeysFile ${join(layout.shared, 'authorized_keys')}
AllowUsers ${layout.user}
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PidFile none
PrintMotd no
X11Forwarding no
AllowAgentForwarding no
AllowTcpForwarding no
MaxStartups 100
MaxSessions 100
SetEnv ${Object.entries(environment)
    .map(([name, value]) => `"${name}=${value}"`)
    .join(' ')}
`
}

/** As a person would type it, without the remote command. */
export function sshCommand(layout: Layout): string[] {
  const options = [`UserKnownHostsFile=${knownHostsFile(layout)}`, 'BatchMode=yes', 'IdentitiesOnly=yes']
  return [
    'ssh',
    '-F',
    '/dev/null',
    '-p',
    String(layout.ports.ssh),
    '-i',
    keyFile(layout),
    ...options.flatMap((option) => ['-o', option]),
    `${layout.user}@127.0.0.1`,
  ]
}

async function makeKeys(layout: Layout): Promise<void> {
  await mkdir(join(layout.state, 'ssh'), { recursive: true, mode: 0o700 })
  const hostKey = join(layout.shared, 'host_ed25519')
  for (const file of [hostKey, keyFile(layout)]) {
    if (!existsSync(file)) await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `slipway-lab-${layout.id}`, '-f', file])
  }
  await copyFile(`${keyFile(layout)}.pub`, join(layout.shared, 'authorized_keys'))
  const [type, key] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ')
  await writeFile(knownHostsFile(layout), `[127.0.0.1]:${layout.ports.ssh} ${type} ${key}\n`)
}

async function sshAnswers(layout: Layout): Promise<boolean> {
  return (await banner('127.0.0.1', layout.ports.ssh))?.startsWith('SSH-2.0') ?? false
}
