import { execFileSync, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../../activities/ssh/connect.ts'
import { remoteCommand } from '../../../activities/ssh/quote.ts'
import { run } from '../../../activities/ssh/run.ts'
import type { HostEstate } from '../../../config/estate-schema.ts'
import { testHost, type TestHost } from './host.ts'

let at: TestHost
beforeAll(async () => void (at = await testHost()))
afterAll(() => at.remove())

const never = new AbortController().signal

async function failureOf(host: Partial<HostEstate>, deps: object = {}, signal = never) {
  return connect({ ...at.host, ...host }, { ...at.deps, ...deps }, signal).then(
    (connection) => {
      connection.close()
      throw new Error('it connected')
    },
    (error: unknown) => error,
  )
}

async function whoami(host: HostEstate, deps: object = {}): Promise<string> {
  const connection = await connect(host, { ...at.deps, ...deps }, never)
  try {
    return (await run(connection, { command: remoteCommand('id -un', []), signal: never })).stdout.trim()
  } finally {
    connection.close()
  }
}

test('logs in with a key, the host known by known_hosts', async () => {
  expect(await whoami(at.host)).toBe(at.host.user)
})

test('logs in with the host known by its fingerprint', async () => {
  expect(await whoami({ ...at.host, hostKey: { fingerprint: at.fingerprint } })).toBe(at.host.user)
})

test('opens a key with a passphrase by reference, and says when it does not fit', async () => {
  const path = join(at.folder, 'locked')
  execFileSync('cp', [at.keyFile, path])
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path])
  const login = { keyFile: path, passphrase: { env: 'PASSPHRASE' } }
  expect(await whoami({ ...at.host, login }, { env: { PASSPHRASE: 'open sesame' } })).toBe(at.host.user)
  expect(await failureOf({ login }, { env: { PASSPHRASE: 'wrong' } })).toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('does not open'),
  })
  expect(await failureOf({ login })).toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining('"PASSPHRASE"') })
  expect(await failureOf({ login: { keyFile: path } })).toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('login.passphrase'),
  })
})

test('logs in through an agent, which is not forwarded', async () => {
  const socket = join(at.folder, 'agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  try {
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    for (let tries = 0; ; tries++) {
      try {
        execFileSync('ssh-add', ['-q', at.keyFile], { env, stdio: 'pipe' })
        break
      } catch (error) {
        if (tries > 100) throw error
      }
    }
    const host: HostEstate = { ...at.host, login: { agent: true } }
    expect(await whoami(host, { env: { SSH_AUTH_SOCK: socket } })).toBe(at.host.user)
    expect(at.log()).not.toContain('auth-agent-req')
    expect(await failureOf(host)).toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining('SSH_AUTH_SOCK') })
    expect(await failureOf(host, { env: { SSH_AUTH_SOCK: `${socket}-gone` } })).toMatchObject({
      type: expect.stringMatching(/InvalidConfiguration|Refused/),
    })
  } finally {
    agent.kill()
  }
})

test.each([
  ['unknown', '', 'does not list that host'],
  ['changed', 'changed', 'lists another one (line 1)'],
  ['revoked', 'revoked', '@revoked (line 1)'],
  ['an authority only', 'authority', 'host certificates are not supported'],
])('a host key that is %s is refused before anything is authenticated', async (_, kind, says) => {
  const path = join(at.folder, 'known')
  const name = `[127.0.0.1]:${at.host.port}`
  const stranger = execFileSync('ssh-keygen', ['-yf', at.strangerKey], { encoding: 'utf8' })
  const mine = execFileSync('ssh-keygen', ['-F', name, '-f', 'knownHosts' in at.host.hostKey ? at.host.hostKey.knownHosts : ''], {
    encoding: 'utf8',
  }).split('\n')[1]!
  const text = {
    '': '',
    changed: `${name} ${stranger}`,
    revoked: `@revoked ${mine}\n${mine}\n`,
    authority: `@cert-authority ${name} ${stranger}`,
  }[kind]
  await writeFile(path, text!)
  const before = at.log().length
  const failure = await failureOf({ hostKey: { knownHosts: path } })
  expect(failure).toMatchObject({ type: 'Refused', nonRetryable: true, message: expect.stringContaining(says) })
  expect(failure).toMatchObject({ message: expect.stringContaining(at.fingerprint) })
  if (kind !== 'revoked')
    expect(failure).toMatchObject({ message: expect.stringContaining(`ssh-keyscan -t ed25519 -p ${at.host.port} 127.0.0.1`) })
  await expect.poll(() => at.log().slice(before)).toContain('preauth')
  expect(at.log().slice(before)).not.toMatch(/userauth|Accepted|Failed publickey/)
})

test('a pinned fingerprint of another key is refused before anything is authenticated', async () => {
  const before = at.log().length
  const failure = await failureOf({ hostKey: { fingerprint: `SHA256:${'A'.repeat(43)}` } })
  expect(failure).toMatchObject({ type: 'Refused', message: expect.stringContaining(at.fingerprint) })
  expect(at.log().slice(before)).not.toMatch(/userauth|Accepted|Failed publickey/)
})

test('a host with several keys is asked for one that is known', async () => {
  const rsa = join(at.folder, 'rsa')
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa])
  const two = await testHost({ lines: [`HostKey ${rsa}`] })
  try {
    const path = join(two.folder, 'known')
    await writeFile(path, `[127.0.0.1]:${two.host.port} ${await readFile(`${rsa}.pub`, 'utf8')}`)
    expect(await whoami({ ...two.host, hostKey: { knownHosts: path } }, two.deps)).toBe(two.host.user)
  } finally {
    await two.remove()
  }
})

test('a key that the host does not take is permanent, and named', async () => {
  const fingerprint = execFileSync('ssh-keygen', ['-lf', at.strangerKey], { encoding: 'utf8' }).split(' ')[1]!
  expect(await failureOf({ login: { keyFile: at.strangerKey } })).toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message: expect.stringContaining(fingerprint),
  })
})

test.each([
  ['a key file that is not there', { login: { keyFile: '/nowhere/id' } }, '/nowhere/id'],
  ['a public key', { login: { keyFile: 'PUBLIC' } }, 'without ".pub"'],
  ['a known_hosts that is not there', { hostKey: { knownHosts: '/nowhere/known' } }, 'ssh-keyscan'],
])('%s is named before anything is sent', async (_, host, says) => {
  const before = at.log().length
  const named = 'login' in host && host.login.keyFile === 'PUBLIC' ? { login: { keyFile: `${at.keyFile}.pub` } } : host
  expect(await failureOf(named)).toMatchObject({ type: 'InvalidConfiguration', message: expect.stringContaining(says) })
  expect(at.log().slice(before)).not.toContain('Connection from')
})

test('nobody at the port, and a name that nobody knows, are transient', async () => {
  expect(await failureOf({ port: 1 })).toMatchObject({ nonRetryable: false, message: expect.stringContaining('is sshd up') })
  expect(await failureOf({ address: 'no-such-host.invalid' })).toMatchObject({
    nonRetryable: false,
    message: expect.stringContaining('no-such-host.invalid'),
  })
})

test('a port that takes the connection and stays silent is transient, in time', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const began = performance.now()
    expect(await failureOf({ port }, { connectTimeoutMs: 300 })).toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('in time'),
    })
    expect(performance.now() - began).toBeLessThan(2_000)
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('cancelled')), 100)
    expect(await failureOf({ port }, {}, controller.signal)).toMatchObject({ message: 'cancelled' })
  } finally {
    server.close()
  }
})

test('an end without an exit code is not known to be a success or a failure', async () => {
  const connection = await connect(at.host, at.deps, never)
  const killed = run(connection, { command: remoteCommand('kill -KILL $$', []), signal: never })
  await expect(killed).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('SIGKILL') })
  const lost = run(connection, { command: remoteCommand('sleep 30', []), signal: never })
  await at.breakSessions()
  await expect(lost).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('not known') })
})

test('lines come as they are printed, and what is too much is cut', async () => {
  const connection = await connect(at.host, at.deps, never)
  try {
    const lines: string[] = []
    const result = await run(connection, {
      command: remoteCommand('echo one >&2; printf "two " >&2; sleep 0.1; echo 2 >&2; head -c 5000000 /dev/zero; exit 7', []),
      onLine: (line) => lines.push(line),
      signal: never,
    })
    expect(lines).toEqual(['one', 'two 2'])
    expect(result.exitCode).toBe(7)
    expect(result.stdout.length).toBe(4_000_000)
  } finally {
    connection.close()
  }
})
