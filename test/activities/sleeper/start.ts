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

/** A worker that applies this, or runs this hook, and can be stopped and woken. */
export function startSleeper(target: SleeperInput['target'], input: ActInput | HookActInput): Sleeper {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts')], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify({ target, input } satisfies SleeperInput))
  return {
    stop: async () => {
      child.kill('SIGSTOP')
      while (!/^\d+ \(.*\) T/s.test(await readFile(`/proc/${child.pid}/stat`, 'utf8'))) await sleep(5)
    },
    wake: () => void child.kill('SIGCONT'),
    end: text(child.stdout).then((printed) => JSON.parse(printed) as SleeperEnd),
  }
}
