import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActInput, HookActInput } from '../../../activities/deploy/target.ts'
import type { SleeperEnd, SleeperInput } from './worker.ts'

export type Sleeper = {
  /** Stops the process, wherever it is, and returns when it stands. */
  readonly stop: () => Promise<void>
  readonly wake: () => void
  readonly end: Promise<SleeperEnd>
}

export type Stoppable = Omit<Sleeper, 'end'> & {
  /** All that it printed, once it has ended. */
  readonly printed: Promise<string>
  readonly kill: () => void
}

/** A worker that applies this, or runs this hook, and can be stopped and woken. */
export function startSleeper(target: SleeperInput['target'], input: ActInput | HookActInput): Sleeper {
  const { printed, ...sleeper } = startStoppable('worker.ts', { target, input } satisfies SleeperInput)
  return { ...sleeper, end: printed.then((text) => JSON.parse(text) as SleeperEnd) }
}

/** One of the programs beside this file, as a process of its own, told by JSON on its standard input what to do. */
export function startStoppable(file: string, input: unknown): Stoppable {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(input))
  return {
    stop: async () => {
      child.kill('SIGSTOP')
      while (!/^\d+ \(.*\) T/s.test(await readFile(`/proc/${child.pid}/stat`, 'utf8'))) await sleep(5)
    },
    wake: () => void child.kill('SIGCONT'),
    kill: () => void child.kill('SIGKILL'),
    printed: text(child.stdout),
  }
}
