import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Revision } from '../../domain/revision.ts'
import { mergeTrees } from './commands.ts'
import { orTransient } from './files.ts'
import type { GitMirror } from './open-mirror.ts'

/** A merge that was tried. `tree` is null where it conflicts; `conflicts` are the files, their names byte by byte (latin1). */
export type TriedMerge = { readonly tree: string | null; readonly conflicts: readonly string[] }

/** The tree of each merge, null where it conflicts. */
export type MergedTrees = ReadonlyMap<Revision, string | null>

const TIMEOUT_MS = 5000

/** Tries each merge into `target` and keeps nothing of it; no tree at all when git takes too long or cannot say. */
export async function mergedTrees(
  target: Revision,
  tips: readonly Revision[],
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<MergedTrees> {
  // A merge writes objects that nobody keeps: they go into a folder that is thrown away.
  return inScratch(mirror, async (scratch) => {
    const environment = {
      GIT_OBJECT_DIRECTORY: scratch,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(mirror.paths.mirror, 'objects')),
    }
    try {
      const command = mergeTrees(mirror.paths.mirror, target, tips)
      const outcome = await mirror.git(command, 'try merges', signal, { environment, timeoutMs: TIMEOUT_MS })
      const tried = parseMergeTrees(outcome.stdout.toString('latin1'))
      return new Map(tips.map((tip, index) => [tip, tried[index]?.tree ?? null]))
    } catch (error) {
      if (signal.aborted) throw error
      return new Map()
    }
  })
}

/** A folder that lives as long as this work. */
export async function inScratch<T>(mirror: GitMirror, work: (folder: string) => Promise<T>): Promise<T> {
  const scratch = join(mirror.paths.work, `scratch-${randomUUID()}`)
  await orTransient('make a folder to try merges in', () => mkdir(scratch, { recursive: true }))
  try {
    return await work(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => {})
  }
}

/**
 * `merge-tree --stdin -z` gives for each merge: 1 or 0, the tree, `<mode> <object> <stage>\t<path>` of what conflicts, and
 * an empty field at its end.
 */
export function parseMergeTrees(output: string): readonly TriedMerge[] {
  const fields = output.split('\0')
  const tried: TriedMerge[] = []
  for (let at = 0; at + 1 < fields.length; at++) {
    const end = fields.indexOf('', at + 2)
    const stages = fields.slice(at + 2, end < 0 ? fields.length : end)
    tried.push({ tree: fields[at] === '1' ? fields[at + 1]! : null, conflicts: [...new Set(stages.map(pathOf))] })
    if (end < 0) break
    at = end
  }
  return tried
}

function pathOf(stage: string): string {
  return stage.slice(stage.indexOf('\t') + 1)
}
