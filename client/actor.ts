import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import type { Actor } from '../domain/actor.ts'
import type { Context } from './context.ts'
import { usage } from './exit.ts'

/**
 * Who speaks: `--as NAME`, SLIPWAY_USER, git's user.name, or the user of the machine. It is what the caller says, so it
 * is never `verified`.
 */
export async function actorOf({ io, options }: Pick<Context, 'io' | 'options'>): Promise<Actor> {
  const said = options.as ?? io.env['SLIPWAY_USER']
  if (said !== undefined && cleaned(said) === '') throw usage('--as and SLIPWAY_USER need a name')
  const name = cleaned(said ?? '') || cleaned(await gitName(io.cwd)) || machineName()
  return { kind: 'person', name, verified: false }
}

/** A name stands in histories and on other people's screens: one line, no invisible characters, not endless. */
function cleaned(name: string): string {
  return name
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, 100)
}

async function gitName(cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', '--get', 'user.name'], { cwd, timeout: 2000 })
    return stdout
  } catch {
    return ''
  }
}

function machineName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
