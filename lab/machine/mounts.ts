import { readFile } from 'node:fs/promises'
import { run } from './run.ts'

/** Unmounts everything that is mounted below one of the folders, the innermost first. */
export async function unmountBelow(folders: readonly string[]): Promise<void> {
  const points = mountPointsBelow(await readFile('/proc/self/mountinfo', 'utf8'), folders)
  for (const point of points) await run(['umount', '--lazy', point])
}

export function mountPointsBelow(mountInfo: string, folders: readonly string[]): string[] {
  const points = mountInfo
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((point) => folders.some((folder) => point.startsWith(`${folder}/`)))
  return points.toReversed()
}

/** The kernel writes blanks and such as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
