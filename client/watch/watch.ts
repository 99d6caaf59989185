import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { explain } from '../explain.ts'
import { printLines, type Io } from '../io.ts'
import { takePicture, type SprintPicture } from '../picture.ts'
import type { Slipway } from '../typed/slipway.ts'
import { openScreen, type Screen } from './screen.ts'
import { reached } from './until.ts'

/** Asking costs the server a handful of queries; a person sees no difference to anything faster. */
const ASK_EVERY_MS = 500

export type WatchOptions = {
  readonly version: string
  /** A phase, or what it waits for then; null: until Ctrl-C or the sprint's end. */
  readonly until: string | null
  readonly timeoutMs: number | null
  /** Only wait, show nothing. */
  readonly quiet: boolean
}

/** Follows a sprint until it is where it should be, the time is over, or the person has seen enough. */
export async function watch(io: Io, slipway: Slipway, options: WatchOptions): Promise<ExitCode> {
  const stop = new AbortController()
  const release = io.onInterrupt(() => stop.abort())
  const deadline = options.timeoutMs === null ? null : io.now() + options.timeoutMs
  const screen = await openScreen(io, options.quiet)
  let newest: SprintPicture | null = null
  try {
    while (!stop.signal.aborted) {
      const began = io.now()
      newest = (await ask(io, slipway, options.version, screen)) ?? newest
      const end = newest === null ? null : reached(newest, options.until)
      if (end !== null) return end === 'reached' ? EXIT.done : EXIT.failed
      if (deadline !== null && io.now() >= deadline) return lateEnd(io, options, newest)
      const pause = Math.max(50, ASK_EVERY_MS - (io.now() - began))
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined)
    }
    return options.until === null ? EXIT.done : EXIT.failed
  } finally {
    screen.close()
    release()
  }
}

/** Somebody who watches wants to see that Temporal is away, and that it comes back: only a sprint that is not there ends it. */
async function ask(io: Io, slipway: Slipway, version: string, screen: Screen): Promise<SprintPicture | null> {
  try {
    const repository = await slipway.repository()
    const picture = await takePicture(slipway, { version, repository, live: true, now: io.now })
    screen.show(picture)
    return picture
  } catch (error) {
    const explained = explain(error)
    if (explained instanceof CliError && explained.exit === EXIT.notFound) throw explained
    screen.trouble(explained.message)
    return null
  }
}

function lateEnd(io: Io, options: WatchOptions, newest: SprintPicture | null): ExitCode {
  if (options.until === null) return EXIT.done
  const where = newest === null ? 'nothing is known of it' : `it is ${newest.sprint.state.phase}`
  printLines(io.err, [
    `${options.version} has not come to ${options.until} in ${(options.timeoutMs ?? 0) / 1000} s; ${where}`,
    `  next: slipway status ${options.version}`,
  ])
  return EXIT.failed
}
