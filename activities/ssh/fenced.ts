import { randomUUID } from 'node:crypto'
import type { Fence } from '../contract.ts'
import { permanent, transient } from '../failure.ts'
import { isAnother } from '../overtaken.ts'
import type { Connection } from './connect.ts'
import { ACT_SCRIPT, CANCEL_SCRIPT } from './fenced-script.ts'
import { remoteCommand } from './quote.ts'
import { run } from './run.ts'
import { variableLines } from './variable-lines.ts'

export type FencedAction = {
  /** The folder on the host that keeps the fence; absolute or relative to the user's home. */
  readonly state: string
  /** `project/environment`: a folder serves one of them. */
  readonly owner: string
  readonly fence: Fence
  /** Names what is done, without secrets: an action of the same token and key is joined or read, not run again. */
  readonly key: string
  /** A constant of ours. */
  readonly script: string
  /** Exported to the script. Each value below 128 KB, as the kernel has it. */
  readonly variables: Readonly<Record<string, string>>
  /** "any": a failed end is repeated as well; "success": what failed is tried again. */
  readonly repeat: 'any' | 'success'
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
  /** Whether the action is ended when `signal` aborts for this reason; without it, always. */
  readonly ends?: (reason: unknown) => boolean
}

export type FencedEnd = {
  readonly exitCode: number
  /** Standard output and error together, at most the last 256 KB. */
  readonly output: string
  /** How this call came by the end: it started the action, joined a running one, or read the end of one. */
  readonly way: 'new' | 'attached' | 'repeated'
}

/**
 * Runs a script on the host under the fence: an older token is refused by a permanent `Fenced`, a newer one ends what
 * still runs. The action outlives the connection; a later call with the same token and key joins it or reads its end.
 * Cancelled, it ends the action's process group on a second channel, unless `ends` says otherwise, and then throws the
 * signal's reason.
 */
export async function runFenced(connection: Connection, action: FencedAction): Promise<FencedEnd> {
  const call = randomUUID()
  const { state, owner, fence, key, repeat, script } = action
  // The attempt is the fence; the action is the same for every attempt of an epoch, so that a later one joins what goes on.
  const token = `${fence.epoch}.${key}`
  const args = [state, owner, String(fence.epoch), String(fence.attempt), token, call, repeat, script, fence.identity ?? '']
  try {
    const result = await run(connection, {
      command: remoteCommand(ACT_SCRIPT, args),
      stdin: variableLines(action.variables),
      onLine: action.onLine,
      signal: action.signal,
    })
    return readAnswer(connection, action, call, result)
  } catch (error) {
    if (action.signal.aborted && (action.ends?.(action.signal.reason) ?? true)) await cancel(connection, [state, call, token])
    throw error
  }
}

/** Best effort and bounded: when the host is gone as well, the next token ends what is left. */
async function cancel(connection: Connection, args: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(15_000)
  await run(connection, { command: remoteCommand(CANCEL_SCRIPT, args), signal }).catch(() => {})
}

function readAnswer(
  connection: Connection,
  { state, owner, fence }: FencedAction,
  call: string,
  { stdout, stderr, exitCode }: { stdout: string; stderr: string; exitCode: number },
): FencedEnd {
  // A login shell may have printed something first.
  const start = stdout.startsWith(call) ? 0 : stdout.indexOf(`\n${call} `) + 1
  const found = start > 0 || stdout.startsWith(call)
  const end = stdout.indexOf('\n', start)
  const [, word, ...rest] = found ? stdout.slice(start, end).split(' ') : []
  const { place } = connection
  switch (word) {
    case 'ended':
      return readEnd(place, rest, stdout.slice(end + 1))
    case 'fenced':
      throw fenced(place, fence, { epoch: Number(rest[0]), attempt: Number(rest[1]), ...(rest[2] ? { identity: rest[2] } : {}) })
    case 'owned':
      throw foreignFence(place, state, { holder: rest.join(' '), owner })
    case 'damaged':
      throw damagedFence(place, rest.join(' '))
    case 'trouble':
      throw trouble(`the ssh host ${place} cannot start the deployment: ${rest.join(' ')}`)
    case 'cancelled':
      throw transient(`the deployment on ${place} was cancelled before it began`)
    default:
      throw transient(
        `the ssh host ${place} did not run the command as expected: its shell ended with ${exitCode} and said "${lastLine(stderr || stdout)}"; the user needs a POSIX shell and no forced command`,
      )
  }
}

function readEnd(place: string, [code, way]: readonly string[], output: string): FencedEnd {
  if (code === undefined || !/^\d+$/.test(code)) throw transient(`the action on ${place} was killed before it ended`)
  return { exitCode: Number(code), output, way: way === 'attached' || way === 'repeated' ? way : 'new' }
}

/** A full disk passes; a missing command or right does not. */
function trouble(message: string): Error {
  return /No space left|quota|Input\/output|Stale|another call holds|does not end/i.test(message)
    ? transient(message)
    : permanent('InvalidConfiguration', message)
}

/** The refusal of an older token, naming both. */
export function fenced(place: string, mine: Fence, held: Fence): Error {
  return permanent(
    'Fenced',
    isAnother(mine, held)
      ? `${place} is held by deployment ${held.epoch} of the snapshot ${held.identity}, and this one has the same number and another snapshot (${mine.identity}); nothing was changed`
      : `${place} is held by deployment ${held.epoch}, attempt ${held.attempt}, which is newer than this one (deployment ${mine.epoch}, attempt ${mine.attempt}); nothing was changed`,
    { held, mine },
  )
}

/** A folder keeps the fence of one project's environment. */
export function foreignFence(place: string, state: string, { holder, owner }: { holder: string; owner: string }): Error {
  return permanent(
    'InvalidConfiguration',
    `the folder ${state} on ${place} belongs to ${holder}, and ${owner} is to be put there; give it a folder of its own, or remove ${state}/fence if nothing else deploys there`,
  )
}

export function damagedFence(place: string, file: string): Error {
  return permanent(
    'Fenced',
    `expected "<epoch> <attempt> <project/environment>" in ${file} on ${place}, found something else; nothing was changed. Look at it, and remove it if nothing else deploys there`,
  )
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? ''
}
