import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endDaemon } from '../machine/daemon.ts'
import { identify } from '../machine/process.ts'

const PREFIX = 'worker-'

/** Remembers a worker that was started on the lab, so that whoever takes the lab down can end it. */
export async function recordWorker(state: string, project: string, pid: number): Promise<void> {
  const identity = await identify(pid)
  await mkdir(join(state, 'run'), { recursive: true })
  await writeFile(join(state, 'run', `${PREFIX}${project}.json`), JSON.stringify(identity))
}

/** Ends the worker of a project, if the one that was recorded still runs; it finishes what it is at. */
export async function endWorker(state: string, project: string): Promise<void> {
  await endDaemon(state, `${PREFIX}${project}`)
}

/** Ends every worker that was recorded on this lab. */
export async function endWorkers(state: string): Promise<void> {
  const names = await readdir(join(state, 'run')).catch(() => [])
  const workers = names.filter((name) => name.startsWith(PREFIX) && name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
  await Promise.all(workers.map((name) => endDaemon(state, name)))
}
