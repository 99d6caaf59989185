import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endProcess, identify, isSame } from './process.ts'
import type { ProcessIdentity } from './process.ts'
import { lastLines } from './run.ts'

/** A long-running process of the lab: its log is `<state>/log/<name>.log`, its record `<state>/run/<name>.json`. */
export type Daemon = {
  name: string
  argv: readonly string[]
  /** A network namespace's name; without one, the machine's own network. */
  namespace?: string
  env?: Record<string, string>
  /** Without, the one who started the lab. It gets no further groups. */
  as?: { uid: number; gid: number }
  /** Its working folder; without, the lab's state, which another user may not be able to enter. */
  cwd?: string
}

/** Starts the daemon unless the one that was recorded still runs. It gets a session of its own and outlives its starter. */
export async function ensureDaemon(state: string, daemon: Daemon): Promise<void> {
  if (await daemonRuns(state, daemon.name)) return
  await mkdir(join(state, 'log'), { recursive: true })
  await mkdir(join(state, 'run'), { recursive: true })
  await setLongLogAside(logFile(state, daemon.name))
  const log = await open(logFile(state, daemon.name), 'a')
  try {
    const [command, ...args] = commandLine(daemon)
    const child = spawn(command ?? '', args, {
      detached: true,
      cwd: daemon.cwd ?? state,
      ...daemon.as,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...plainEnvironment(process.env), ...daemon.env },
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    const identity = await identify(child.pid ?? 0).catch(() => undefined)
    if (!identity)
      throw new Error(
        `${daemon.name} ended at once; its log ${logFile(state, daemon.name)} ends with:\n${await lastWords(state, daemon.name)}`,
      )
    await record(state, daemon.name, identity)
  } finally {
    await log.close()
  }
}

export async function daemonRuns(state: string, name: string): Promise<boolean> {
  const identity = await recorded(state, name)
  return identity !== undefined && (await isSame(identity))
}

/** Ends the daemon if the recorded process is still the one that was started. */
export async function endDaemon(state: string, name: string, patienceMs = 10_000): Promise<void> {
  const identity = await recorded(state, name)
  if (identity) await endProcess(identity, patienceMs)
  await rm(recordFile(state, name), { force: true })
}

export async function recorded(state: string, name: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(recordFile(state, name), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity)
}

export async function lastWords(state: string, name: string, lines = 8): Promise<string> {
  const text = await readFile(logFile(state, name), 'utf8').catch(() => '')
  return lastLines(text, lines)
}

export function logFile(state: string, name: string): string {
  return join(state, 'log', `${name}.log`)
}

/** `nsenter`, not `ip netns exec`: the latter also unshares mounts, and a kubelet's mounts must be seen by containerd. */
export function commandLine({ argv, namespace }: Daemon): string[] {
  return namespace === undefined ? [...argv] : ['nsenter', `--net=/run/netns/${namespace}`, ...argv]
}

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const kept = /^(HOME|LANG|LC_ALL|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|(http|https|no|all)_proxy)$/i

/** What a daemon is given of its starter's environment: not the DOCKER_HOST, KUBECONFIG or TEMPORAL_ADDRESS of a shell. */
function plainEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(environment).filter(([name, value]) => kept.test(name) && value !== undefined)
  return { ...(Object.fromEntries(entries) as Record<string, string>), PATH: searchPath }
}

async function record(state: string, name: string, identity: ProcessIdentity): Promise<void> {
  const file = recordFile(state, name)
  await writeFile(`${file}.next`, JSON.stringify(identity))
  await rename(`${file}.next`, file)
}

function recordFile(state: string, name: string): string {
  return join(state, 'run', `${name}.json`)
}

const longLogBytes = 20 * 1024 * 1024

async function setLongLogAside(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size > longLogBytes) await rename(file, `${file}.old`)
}
