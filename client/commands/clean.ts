import type { Cleaned } from '../../activities/contract.ts'
import type { Context } from '../context.ts'
import { printLines } from '../io.ts'
import { look } from '../view/paint.ts'
import { printed, span, table } from '../view/span.ts'

export async function clean(context: Context): Promise<void> {
  const slipway = await context.open()
  const { cleaned } = await slipway.clean()
  printLines(context.io.out, printed(cleanedLines(cleaned), look(context.io)))
}

export function cleanedLines(cleaned: readonly Cleaned[]) {
  if (cleaned.every((each) => each.removed === 0)) return [[span('nothing to remove')]]
  return table(
    cleaned.map((each) => [span(each.what), span(`${each.removed} removed`), span(size(each.bytes))]),
    0,
  )
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
