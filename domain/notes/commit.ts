import { cut } from '../cut.ts'
import type { Revision } from '../revision.ts'

/** A commit as git tells it; its words are somebody's. */
export type RawCommit = { readonly revision: Revision; readonly parents: number; readonly subject: string; readonly body: string }

/** What a commit says by the conventions of conventionalcommits.org 1.0.0, in plain words. */
export type NotedCommit = {
  readonly revision: Revision
  /** Lower case, such as `feat`; null where the subject keeps no convention. */
  readonly type: string | null
  readonly scope: string | null
  readonly text: string
  /** What breaks, in words; null: nothing, as far as it says. */
  readonly breaking: string | null
  /** Merge or pull requests that it names. */
  readonly requests: readonly number[]
  readonly isMerge: boolean
}

const LONGEST = 200
const MOST_REQUESTS = 5
const HEADER = /^([A-Za-z][A-Za-z-]{0,19})(?:\(([^()]{1,60})\))?(!)?: +(.+)$/
const BREAKING = /^BREAKING[ -]CHANGE: +([^]+?)(?:\n\n|\n[A-Za-z-]+: |$(?![^]))/m

export function readCommit({ revision, parents, subject, body }: RawCommit): NotedCommit {
  const [, type, scope, mark, said] = HEADER.exec(plain(subject)) ?? []
  const text = plain(said ?? subject)
  const footer = BREAKING.exec(body.slice(0, 20_000))?.[1]
  return {
    revision,
    type: type?.toLowerCase() ?? null,
    scope: scope === undefined ? null : plain(scope),
    text: cut(text, LONGEST),
    breaking: footer === undefined ? (mark === undefined ? null : cut(text, LONGEST)) : cut(plain(footer), LONGEST),
    requests: requestsIn(subject, body),
    isMerge: parents > 1,
  }
}

/** `(#12)` and `Merge pull request #12` of GitHub and Gitea, `See merge request group/project!12` of GitLab. */
function requestsIn(subject: string, body: string): number[] {
  const found = [
    ...subject.matchAll(/\((?:#|!)(\d{1,9})\)/g),
    ...subject.matchAll(/^Merge pull request #(\d{1,9})\b/g),
    ...body.slice(0, 20_000).matchAll(/^See merge request \S{0,300}!(\d{1,9})$/gm),
  ]
  return [...new Set(found.map((match) => Number(match[1])))].slice(0, MOST_REQUESTS)
}

/** One line, without control, invisible and direction-changing characters. */
function plain(text: string): string {
  return text
    .slice(0, 2000)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
}
