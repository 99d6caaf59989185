import { expect, test } from 'vitest'
import { allOwn } from '../../lab/choices.ts'
import { envOf, shellExports } from '../../lab/env.ts'
import { goArguments } from '../../lab/build.ts'
import { gitea, temporal } from '../../lab/go-programs.ts'
import { defaultParts } from '../../lab/lab.ts'
import type { Lab } from '../../lab/lab.ts'
import { layoutOf } from '../../lab/layout.ts'
import { silent } from '../../lab/log.ts'
import { commandLine } from '../../lab/machine/daemon.ts'
import { mountPointsBelow } from '../../lab/machine/mounts.ts'
import { engineConfig } from '../../lab/parts/engine.ts'
import { withNeeds } from '../../lab/parts/index.ts'
import { cniConfig, containerdConfig, kubeletConfig } from '../../lab/parts/kubernetes/config.ts'
import { certificateCommand } from '../../lab/parts/kubernetes/certificate.ts'
import { firewallRules } from '../../lab/parts/network.ts'
import { forgeConfig } from '../../lab/parts/forge-config.ts'
import { registryConfig } from '../../lab/parts/registry.ts'
import { sshdConfig } from '../../lab/parts/ssh.ts'
import { serverCommand } from '../../lab/parts/temporal.ts'

const layout = layoutOf('/srv/shop', 2)
const { id } = layout
const none = () => Promise.reject(new Error('nothing is built here'))
const lab: Lab = { layout, choices: allOwn, log: silent, binaries: { temporal: none, kubelab: none, gitea: none, clientsOnPath: none } }

test('the engine leaves the firewall alone, and has everything of its own', () => {
  expect(engineConfig(layout)).toMatchObject({
    hosts: [`unix:///run/slipway-lab-${id}/docker.sock`],
    group: `slip-${id}`,
    'data-root': '/srv/shop/.lab/engine/data',
    bridge: `slipd-${id}`,
    iptables: false,
    'cgroup-parent': `/slipway-lab-${id}`,
    'default-address-pools': [{ base: '10.194.64.0/18', size: 24 }],
  })
})

test('the firewall gets three rules, each with the name of the lab', () => {
  const rules = firewallRules(layout)
  expect(rules.map(({ chain }) => chain)).toEqual(['FORWARD', 'FORWARD', 'POSTROUTING'])
  for (const { match } of rules) expect(match.join(' ')).toContain(`--comment slipway-lab-${id}`)
})

test('the registry serves loopback; the one in the node only reads', () => {
  expect(registryConfig(layout)).toContain(`addr: "127.0.0.1:${layout.ports.registry}"`)
  expect(registryConfig(layout)).toContain('readonly: {enabled: false}')
  expect(registryConfig(layout, { readOnly: true })).toContain('readonly: {enabled: true}')
})

test('sshd lets in the one user by key, and hands over where engine and cluster are', () => {
  const config = sshdConfig(lab)
  expect(config).toContain(`AllowUsers slip-${id}\nPasswordAuthentication no\n`)
  expect(config).toContain('ListenAddress 127.0.0.1\n')
  expect(config).toContain(
    `SetEnv "PATH=/var/lib/slipway-lab-${id}/bin:/usr/local/bin:/usr/bin:/bin" "DOCKER_HOST=unix:///run/slipway-lab-${id}/docker.sock" "KUBECONFIG=/var/lib/slipway-lab-${id}/home/.kube/config"\n`,
  )
})

test('the kubelet lets nobody in without asking the API server, and keeps to its own cgroup', () => {
  const pki = { certificate: '/c.crt', key: '/c.key', serviceAccountKey: '/s.key', tokens: '/t.csv', token: 't' }
  expect(kubeletConfig(layout, pki)).toMatchObject({
    address: '10.194.3.2',
    cgroupRoot: `/slipway-pods-${id}`,
    authentication: { anonymous: { enabled: false } },
    authorization: { mode: 'Webhook' },
  })
})

test('pods get addresses of this lab, and their sandbox image from its registry', () => {
  expect(JSON.stringify(cniConfig(layout))).toContain('"subnet":"10.194.1.0/24"')
  expect(containerdConfig(layout)).toContain(`sandbox_image = "127.0.0.1:${layout.ports.registry}/lab/pause:1"`)
})

test('the certificate names every address that the cluster is reached at', () => {
  expect(certificateCommand(layout, 'k', 'c').join(' ')).toContain('IP:10.194.3.2,IP:10.194.2.1,IP:127.0.0.1')
})

test('Temporal keeps its state, is tuned, and knows the search attributes', () => {
  const command = serverCommand(layout, 'temporal')
  expect(command).toContain('/srv/shop/.lab/temporal/temporal.db')
  expect(command).toContain('history.transferProcessorMaxPollRPS=2000')
  expect(command).toContain('SlipwayCandidate=Keyword')
})

test('a daemon of the node enters its network and no other namespace', () => {
  expect(commandLine({ name: 'etcd', argv: ['etcd'], namespace: 'n' })).toEqual(['nsenter', '--net=/run/netns/n', 'etcd'])
  expect(commandLine({ name: 'registry', argv: ['r', 'serve'] })).toEqual(['r', 'serve'])
})

test('Go builds what is pinned in the folder of the program', () => {
  expect(goArguments(temporal, '/src', '/out')).toEqual([
    'build',
    '-C',
    '/src',
    '-trimpath',
    '-ldflags=-s -w',
    '-o',
    '/out',
    'github.com/temporalio/cli/cmd/temporal',
  ])
})

test('the forge serves loopback, lets nobody register, and calls nobody but this machine', () => {
  const config = forgeConfig(layout, '/assets', { secretKey: 's', internalToken: 'i' })
  expect(config).toContain(`HTTP_ADDR = 127.0.0.1\nHTTP_PORT = ${layout.ports.forge}\n`)
  for (const line of ['INSTALL_LOCK = true', 'DISABLE_REGISTRATION = true', 'ALLOWED_HOST_LIST = loopback', 'OFFLINE_MODE = true'])
    expect(config.split('\n')).toContain(line)
  expect(config).toContain('[mailer]\nENABLED = false\n')
})

test('the forge is for who asks', () => {
  expect(defaultParts).not.toContain('forge')
  expect(withNeeds(['forge']).map(({ name }) => name)).toEqual(['account', 'forge'])
})

test('Gitea is built in the folder of its module, with SQLite', () => {
  expect(goArguments(gitea, '/module', '/out')).toContain('-tags=sqlite sqlite_unlock_notify')
})

test('mounts below a folder come innermost first, a neighbour with a longer name does not', () => {
  const line = (point: string) => `36 35 0:32 / ${point} rw - tmpfs tmpfs rw`
  const info = ['/x/.lab/a', '/x/.lab/a/b\\040c', '/x/.lab2/d', '/y'].map(line).join('\n')
  expect(mountPointsBelow(info, ['/x/.lab'])).toEqual(['/x/.lab/a/b c', '/x/.lab/a'])
})

test('a wanted part brings what it needs, needs first', () => {
  expect(withNeeds(['ssh']).map(({ name }) => name)).toEqual(['account', 'network', 'engine', 'ssh'])
  expect(withNeeds(['temporal']).map(({ name }) => name)).toEqual(['temporal'])
})

test('what is printed for a shell survives quotes and blanks', () => {
  const env = envOf(layoutOf("/srv/it's here", 2), allOwn)
  expect(shellExports(env)).toContain(String.raw`export SLIPWAY_LAB_GIT='/srv/it'\''s here/.lab/git'`)
})

test('an existing cluster has no address of the lab', () => {
  const env = envOf(layout, { ...allOwn, kubernetes: { kind: 'existing', kubeconfig: '/k' } })
  expect(env.kubernetes).toMatchObject({ kubeconfig: '/k', server: null, nodeAddress: null, own: false })
})
