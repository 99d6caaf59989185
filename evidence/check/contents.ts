import { quoted } from '../../domain/parsed.ts'
import { CONTENTS, type CheckedEnvironment, type Head } from '../format.ts'
import { sha256 } from '../manifest.ts'
import type { Bundle, Found } from './bundle.ts'

/** What was rendered lies under its own digest, and what a snapshot names is there or said to be missing. */
export function checkContents(bundle: Bundle, head: Head, environments: readonly CheckedEnvironment[]): Found {
  const wrong = bundle.below(CONTENTS).filter((path) => sha256(bundle.bytes(path) ?? '') !== path.slice(CONTENTS.length))
  const snapshots = environments.flatMap(({ deployments }) => deployments.map(({ snapshot }) => snapshot))
  const named = new Set(snapshots.flatMap(({ content, hooks = [] }) => [content, ...hooks.map((hook) => hook.content)]))
  const excused = new Set(head.missing.map(({ what }) => what))
  const lacking = [...named].filter((digest) => bundle.bytes(contentPath(digest)) === null && !excused.has(digest))
  return {
    problems: [
      ...wrong.map((path) => `${quoted(path)} is not what its name says`),
      ...lacking.map((digest) => `${quoted(digest)}, which a deployment is made of, is not in the bundle`),
    ],
    notes: [],
  }
}

export function contentPath(digest: string): string {
  return `${CONTENTS}${digest.slice('sha256:'.length)}`
}
