import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { SshDeps } from '../../../activities/ssh/connect.ts'
import type { HostEstate } from '../../../config/estate-schema.ts'
import { labUp } from '../../../lab/up.ts'
import { freePort } from '../../fakes/temporal-server.ts'

const execute = promisify(execFile)

/** An sshd of the test's own, whose sessions may be killed and whose log may be read; the lab's user logs in to it. */
export type TestHost = {
  readonly host: HostEstate
  readonly deps: SshDeps
  /** A folder that the user can write, removed in the end. */
  readonly folder: string
  /** The host's key, a key of nobody's, and the fingerprint of the first. */
  readonly fingerprint: string
  readonly strangerKey: string
  readonly keyFile: string
  readonly log: () => string
  /** Kills what serves the sessions, as a network that breaks would end them, and leaves their commands alone. */
  readonly breakSessions: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly remove: () => Promise<void>
}

export async function testHost(options: { environment?: Record<string, string>; lines?: readonly string[] } = {}): Promise<TestHost> {
  const lab = await labUp({ checkout: process.cwd(), parts: ['ssh'] })
  const keys = await mkdtemp(join(tmpdir(), 'slipway-sshd-'))
  await chmod(keys, 0o755)
  const folder = join(keys, 'home')
  await mkdir(folder)
  await execute('chown', [lab.ssh.user, folder])
  const port = await freePort()
  for (const name of ['host', 'user', 'stranger']) await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)])
  await writeFile(join(keys, 'authorized_keys'), await readFile(join(keys, 'user.pub')))
  await chmod(join(keys, 'authorized_keys'), 0o644)
  await writeFile(join(keys, 'known_hosts'), `[127.0.0.1]:${port} ${await readFile(join(keys, 'host.pub'), 'utf8')}`)
  await writeFile(join(keys, 'config'), config(keys, port, lab.ssh.user, options))
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })

  let log = ''
  const daemon = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(keys, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  daemon.stderr.on('data', (bytes: Buffer) => (log += bytes.toString()))
  const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()))
  while (!log.includes('Server listening')) await sleep(10)
  const { stdout } = await execute('ssh-keygen', ['-lf', join(keys, 'host.pub')])
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
  }
  const breakSessions = async () => {
    for (const pid of (await descendants(daemon.pid!)).filter(({ name }) => name.startsWith('sshd'))) process.kill(pid.pid, 'SIGKILL')
  }
  return {
    host: {
      address: '127.0.0.1',
      port,
      user: lab.ssh.user,
      login: { keyFile: join(keys, 'user') },
      hostKey: { knownHosts: join(keys, 'known_hosts') },
    },
    deps: { env: {}, readFile: (path) => readFile(path, 'utf8'), connectTimeoutMs: 10_000 },
    folder,
    fingerprint: stdout.split(' ')[1]!,
    strangerKey: join(keys, 'stranger'),
    keyFile: join(keys, 'user'),
    log: () => log,
    breakSessions,
    stop,
    remove: async () => {
      await stop()
      await breakSessions()
      await rm(keys, { recursive: true, force: true })
    },
  }
}

function config(
  keys: string,
  port: number,
  user: string,
  { environment = {}, lines = [] }: { environment?: Record<string, string>; lines?: readonly string[] },
): string {
  const set = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`)
  return [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(keys, 'host')}`,
    `AuthorizedKeysFile ${join(keys, 'authorized_keys')}`,
    `AllowUsers ${user}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'PidFile none',
    'StrictModes no',
    'LogLevel DEBUG1',
    'MaxStartups 100',
    ...(set.length > 0 ? [`SetEnv ${set.join(' ')}`] : []),
    ...lines,
    '',
  ].join('\n')
}

type Process = { readonly pid: number; readonly parent: number; readonly name: string }

async function descendants(root: number): Promise<readonly Process[]> {
  const all = await processes()
  const found: Process[] = []
  let parents = [root]
  while (parents.length > 0) {
    const children = all.filter((each) => parents.includes(each.parent))
    found.push(...children)
    parents = children.map((each) => each.pid)
  }
  return found
}

async function processes(): Promise<readonly Process[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const read = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')))
  return read.flatMap((stat) => {
    const match = /^(\d+) \((.*)\) \S (\d+)/s.exec(stat)
    return match ? [{ pid: Number(match[1]), name: match[2]!, parent: Number(match[3]) }] : []
  })
}
