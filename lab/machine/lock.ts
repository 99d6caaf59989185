import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isSame } from './process.ts'
import type { ProcessIdentity } from './process.ts'

/** Runs `work` while nobody else on this machine holds `file`. A holder that died without letting go does not count. */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  let told = false
  while (!(await take(file))) {
    if (await removeDead(file)) continue
    if (!told) onWait()
    told = true
    await sleep(100)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

/** Linked into place with its content, so that no reader ever sees a lock without a holder. */
async function take(file: string): Promise<boolean> {
  const own = uniqueBeside(file)
  await writeFile(own, JSON.stringify(await identify(process.pid)))
  try {
    await link(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

/** Taken aside before it is judged dead for good: another waiter may have replaced it since it was read. */
async function removeDead(file: string): Promise<boolean> {
  if (await isAlive(file)) return false
  const aside = uniqueBeside(file)
  try {
    await rename(file, aside)
  } catch {
    return true
  }
  if (await isAlive(aside)) await link(aside, file).catch(() => undefined)
  await rm(aside, { force: true })
  return true
}

async function isAlive(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text !== undefined && (await isSame(JSON.parse(text) as ProcessIdentity))
}

function uniqueBeside(file: string): string {
  return `${file}.${randomUUID()}`
}
