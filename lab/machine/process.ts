import { readFile, readdir, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process id alone may have been given to somebody else since; with its start time and the boot it cannot. */
export type ProcessIdentity = { pid: number; startTime: string; bootId: string }

export async function identify(pid: number): Promise<ProcessIdentity> {
  const found = await statOf(pid)
  if (!found) throw new Error(`process ${pid} ended before it could be looked at`)
  return { pid, startTime: found.startTime, bootId: await bootId() }
}

export async function isSame(identity: ProcessIdentity): Promise<boolean> {
  const found = await statOf(identity.pid)
  if (!found || found.state === 'Z') return false
  return found.startTime === identity.startTime && identity.bootId === (await bootId())
}

/** Ends one process that is known to be ours: asks first, and after `patienceMs` does not ask any more. */
export async function endProcess(identity: ProcessIdentity, patienceMs: number): Promise<void> {
  if (!(await isSame(identity))) return
  signal(identity.pid, 'SIGTERM')
  if (await goneWithin(identity, patienceMs)) return
  signal(identity.pid, 'SIGKILL')
  await goneWithin(identity, 5_000)
}

/** Every process whose command line fits. */
export async function findProcesses(fits: (argv: string[]) => boolean): Promise<ProcessIdentity[]> {
  return await filterProcesses(async (pid) => fits((await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')))
}

/** Every process of a user. */
export async function findProcessesOf(uid: number): Promise<ProcessIdentity[]> {
  return await filterProcesses(async (pid) => (await stat(`/proc/${pid}`)).uid === uid)
}

/** Memory in bytes, pages that several processes share counted in parts; 0 when the process is gone. */
export async function memoryBytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024
}

/** A process that ends while it is looked at does not count. */
async function filterProcesses(fits: (pid: number) => Promise<boolean>): Promise<ProcessIdentity[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const looked = await Promise.all(
    pids.map(async (pid) => ((await fits(pid).catch(() => false)) ? await identify(pid).catch(() => undefined) : undefined)),
  )
  return looked.filter((one) => one !== undefined)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function goneWithin(identity: ProcessIdentity, patienceMs: number): Promise<boolean> {
  const until = Date.now() + patienceMs
  while (await isSame(identity)) {
    if (Date.now() > until) return false
    await sleep(20)
  }
  return true
}

/** The name in /proc/PID/stat may hold spaces and parentheses: count from the last one. */
async function statOf(pid: number): Promise<{ state: string; startTime: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' }
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}
