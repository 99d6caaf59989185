import { styleText } from 'node:util'
import type { Io, Output } from '../io.ts'
import { PLAIN, type Paint } from './span.ts'

const WIDEST = 160

/** Colours for a terminal; none for a pipe, a dumb terminal or NO_COLOR. FORCE_COLOR asks for them anyway. */
export function paintFor(output: Output, env: Io['env']): Paint {
  return isColourful(output, env) ? (style, text) => styleText(style, text, { validateStream: false }) : PLAIN
}

function isColourful(output: Output, env: Io['env']): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0'
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

/** How wide a page may be: the terminal's width; without a terminal nothing is wrapped or cut. */
export function columnsOf(output: Output): number {
  return output.isTTY === true ? Math.min(output.columns ?? 80, WIDEST) : Number.MAX_SAFE_INTEGER
}

/** For what is printed once: nothing is cut, a terminal folds long lines by itself. */
export function look(io: Io): { readonly columns: number; readonly paint: Paint } {
  return { columns: Number.MAX_SAFE_INTEGER, paint: paintFor(io.out, io.env) }
}
