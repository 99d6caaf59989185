import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Notes that a part which was there before the lab has been made ready for it, and which one it was. */
export async function setMark(state: string, name: string, what: string): Promise<void> {
  await mkdir(join(state, 'run'), { recursive: true })
  await writeFile(markFile(state, name), what)
}

export async function isMarked(state: string, name: string, what: string): Promise<boolean> {
  return (await readFile(markFile(state, name), 'utf8').catch(() => undefined)) === what
}

export async function removeMark(state: string, name: string): Promise<void> {
  await rm(markFile(state, name), { force: true })
}

function markFile(state: string, name: string): string {
  return join(state, 'run', `${name}.prepared`)
}
