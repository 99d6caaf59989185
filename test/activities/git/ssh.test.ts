import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../fakes/temporal-server.ts'
import { alice, createTeam, joinTeam, type Team } from './support.ts'

/** A real sshd of the test's own, for the user who runs it. */
let team: Team
let sshd: ChildProcess
let port: number
let keys: string
let fingerprint: string

beforeAll(async () => {
  team = createTeam()
  team.push('develop', { a: '1' })
  keys = join(team.folder, 'my keys')
  mkdirSync(keys)
  for (const [name, passphrase] of Object.entries({ host: '', other: '', id: '', locked: 'canary phrase', stranger: '' })) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', join(keys, name)])
  }
  writeFileSync(join(keys, 'authorized'), `${read('id.pub')}${read('locked.pub')}`)
  port = await freePort()
  const config = join(keys, 'sshd_config')
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey "${join(keys, 'host')}"`,
    `AuthorizedKeysFile "${join(keys, 'authorized')}"`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: 'ignore' })
  writeFileSync(join(keys, 'known_hosts'), `[127.0.0.1]:${port} ${read('host.pub')}`)
  writeFileSync(join(keys, 'wrong_hosts'), `[127.0.0.1]:${port} ${read('other.pub')}`)
  fingerprint = execFileSync('ssh-keygen', ['-lf', join(keys, 'host.pub')], { encoding: 'utf8' }).split(' ')[1]!
  for (
    let tries = 0;
    tries < 100 && execFileSync('ssh-keyscan', ['-p', String(port), '127.0.0.1'], { stdio: ['ignore', 'pipe', 'ignore'] }).length === 0;
    tries++
  )
    await sleep(50)
})
afterAll(async () => {
  sshd.kill()
  team.end()
})

const read = (name: string) => readFileSync(join(keys, name), 'utf8')
let states = 0
const worker = (repository: Record<string, unknown>, environment: Record<string, string> = {}, at = port) =>
  joinTeam(team.folder, team.remote, team.clone, {
    url: `ssh://${userInfo().username}@127.0.0.1:${at}${team.remote}`,
    repository,
    environment,
    state: join(team.folder, `state ${states++}`),
  })
const id = () => ({ keyFile: join(keys, 'id') })
const known = () => ({ knownHosts: join(keys, 'known_hosts') })

test('a key and known_hosts: look, fetch and push', async () => {
  const { activities, look } = worker({ login: id(), hostKey: known() })
  const seen = await look()
  expect(seen.changes).toHaveLength(1)
  expect(
    await activities.createBranch({ project: 'shop', name: 'release-1.0.0', revision: seen.develop!, by: alice, message: '' }),
  ).toMatchObject({ created: true })
})

test('a pinned fingerprint', async () => {
  const pinned = worker({ login: id(), hostKey: { fingerprint } })
  expect((await pinned.look()).first).toBe(true)
  expect((await pinned.look()).first).toBe(true)
  const other = execFileSync('ssh-keygen', ['-lf', join(keys, 'other.pub')], { encoding: 'utf8' }).split(' ')[1]!
  await expect(worker({ login: id(), hostKey: { fingerprint: other } }).look()).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining(`should be ${other}; the host shows`),
  })
  await expect(worker({ login: id(), hostKey: { fingerprint } }, {}, await freePort()).look()).rejects.toMatchObject({
    nonRetryable: false,
    message: expect.stringContaining('shows no host key'),
  })
})

test('a passphrase by reference, never shown', async () => {
  const login = { keyFile: join(keys, 'locked'), passphrase: { env: 'PHRASE' } }
  expect((await worker({ login, hostKey: known() }, { PHRASE: 'canary phrase' }).look()).first).toBe(true)
  await expect(worker({ login, hostKey: known() }, { PHRASE: 'another' }).look()).rejects.toMatchObject({ type: 'Refused' })
  await expect(worker({ login, hostKey: known() }).look()).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('"PHRASE", which is not set'),
  })
})

test('a wrong host key, an unknown host and a wrong key are refused', async () => {
  await expect(worker({ login: id(), hostKey: { knownHosts: join(keys, 'wrong_hosts') } }).look()).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining("host's key"),
  })
  await expect(worker({ login: id(), hostKey: { knownHosts: join(keys, 'nothing') } }).look()).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining("host's key"),
  })
  await expect(worker({ login: { keyFile: join(keys, 'stranger') }, hostKey: known() }).look()).rejects.toMatchObject({
    type: 'Refused',
    message: expect.stringContaining('login was refused'),
  })
  await expect(worker({ login: { keyFile: join(keys, 'nothing') }, hostKey: known() }).look()).rejects.toMatchObject({ type: 'Refused' })
})

test('a host that is down is transient', async () => {
  await expect(worker({ login: id(), hostKey: known() }, {}, await freePort()).look()).rejects.toMatchObject({
    nonRetryable: false,
    message: expect.stringContaining('Connection refused'),
  })
})

test('an agent that is not there is said', async () => {
  await expect(worker({ login: { agent: true }, hostKey: known() }).look()).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('SSH_AUTH_SOCK'),
  })
})
