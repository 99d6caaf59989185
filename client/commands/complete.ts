import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { candidates } from '../completion/candidates.ts'
import { placeOf } from '../completion/place.ts'
import type { Context } from '../context.ts'
import { printLines } from '../io.ts'
import { findProject } from '../project.ts'

/** Somebody presses a key and waits: with the start of this program, less than a second in all. */
const PATIENCE_MS = 400

/** Prints what can stand there. Whatever is away or wrong: nothing, and no word about it, in the middle of somebody's typing. */
export async function complete(
  { io, options, open }: Context,
  input: { readonly root: Command; readonly words: readonly string[] },
): Promise<void> {
  const done = new AbortController()
  const tooLate = sleep(PATIENCE_MS, [] as string[], { signal: done.signal }).catch(() => [])
  try {
    const place = placeOf(input.root, input.words)
    const sources = { cwd: io.cwd, open: async () => await open(await findProject(io, { ...options, ...place.options })) }
    printLines(io.out, await Promise.race([candidates(place, sources), tooLate]))
  } catch {
    // A completion has nobody to complain to.
  } finally {
    done.abort()
  }
}
