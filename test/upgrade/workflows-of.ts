import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Bundle } from '../workflows/harness.ts'

/** A worker takes no bundle without a source map; this one maps nothing. */
const NO_SOURCES = JSON.stringify({ version: 3, file: 'workflows-before.js', sources: [], names: [], mappings: '' })

/**
 * The workflows of earlier commits, as workers of that time ran them (`worker/bundle.ts`), minified with the names of
 * functions kept (a child is started by its name).
 *
 * - `before`, of 999e048: a sprint could be brought live and no further. There was no rollback, no hotfix, no merge-back and
 *   no `finish`.
 * - `halting`, of 5cde946: a deployment could stand at a step until a person resolves it. There were no plans beside
 *   approvals, no freezes and no signed words.
 */
export function workflowsOf(version: 'before' | 'halting'): Bundle {
  const code = gunzipSync(readFileSync(join(import.meta.dirname, `workflows-${version}.js.gz`))).toString()
  return { code: `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(NO_SOURCES).toString('base64')}` }
}
