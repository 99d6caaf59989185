import { readFile } from 'node:fs/promises'

/** MiB. RSS counts pages that are shared with other processes whole, PSS by their share. */
export type Memory = { readonly rssMiB: number; readonly pssMiB: number }

export async function memoryOf(pid: number): Promise<Memory> {
  return readRollup(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))
}

export function readRollup(text: string): Memory {
  const kib = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    if (found === undefined) throw new Error(`expected a line "${name}: … kB" in smaps_rollup, found ${JSON.stringify(text.slice(0, 200))}`)
    return Math.round(Number(found) / 102.4) / 10
  }
  return { rssMiB: kib('Rss'), pssMiB: kib('Pss') }
}
