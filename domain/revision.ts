import { parseFailure, type Parsed } from './parsed.ts'

/** A commit SHA: 40 (or, in a sha256 repository, 64) lower-case hexadecimal digits. */
export type Revision = string

export function parseRevision(text: string): Parsed<Revision> {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
    ? { ok: true, value: text }
    : parseFailure(text, 'a full commit SHA of 40 hexadecimal digits')
}

/** The eight digits that stand for a revision in image tags and on screens (GitLab's CI_COMMIT_SHORT_SHA). */
export function shortSha(revision: Revision): string {
  return revision.slice(0, 8)
}
