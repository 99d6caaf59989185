import { spawn } from 'node:child_process'
import type { CommandCheck } from '../../config/estate-schema.ts'
import { permanent } from '../failure.ts'
import { answerOf, checkVariables, limitMs, OUTPUT_LIMIT, saysOf, type CommandEnd } from './command.ts'
import type { DeployedFacts, Question } from './question.ts'

type Environment = Readonly<Record<string, string | undefined>>

const TERM_GRACE_MS = 1_000

/** Runs a command beside the worker, with nothing of the worker's environment but PATH and HOME: its secrets stay with it. */
export function workerCommand(check: CommandCheck, facts: DeployedFacts, environment: Environment): Question {
  const { PATH, HOME } = environment
  const env = { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }), ...checkVariables(facts) }
  return {
    says: saysOf(check, 'the worker'),
    ask: async (signal, leftMs) => answerOf(await run(check.command, { env, cwd: HOME ?? '/' }, limitMs(check, leftMs), signal)),
  }
}

type Where = { readonly env: Record<string, string>; readonly cwd: string }

/** It is a process group of its own, and nothing of it is left when this returns or throws. */
function run([program = '', ...args]: readonly string[], { env, cwd }: Where, timeoutMs: number, signal: AbortSignal): Promise<CommandEnd> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let late = false
    let killer: NodeJS.Timeout | undefined
    const stop = () => {
      killGroup(child.pid, 'SIGTERM')
      killer ??= setTimeout(() => killGroup(child.pid, 'SIGKILL'), TERM_GRACE_MS)
    }
    const deadline = setTimeout(() => {
      late = true
      stop()
    }, timeoutMs)
    signal.addEventListener('abort', stop, { once: true })
    const tidy = () => {
      clearTimeout(deadline)
      clearTimeout(killer)
      signal.removeEventListener('abort', stop)
    }
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-OUTPUT_LIMIT)))
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      tidy()
      const why = error.code === 'ENOENT' ? 'is not there' : `cannot be run (${error.code ?? error.message})`
      reject(
        permanent(
          'InvalidConfiguration',
          `The health check runs ${program} on the worker, which ${why}: put it there, or mend health in estate.yaml.`,
        ),
      )
    })
    child.on('exit', (code, killedBy) => {
      // What it left in the background would hold the pipes open.
      killGroup(child.pid, 'SIGKILL')
      child.once('close', () => {
        tidy()
        if (signal.aborted) reject(signal.reason)
        else if (late) resolve({ code: null, how: `did not end within ${Math.round(timeoutMs / 100) / 10} s`, output })
        else resolve({ code, how: `was ended by ${killedBy}`, output })
      })
    })
  })
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nothing of it is left.
  }
}
