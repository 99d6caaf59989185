import { shortSha } from '../revision.ts'
import type { NotedCommit } from './commit.ts'

/** Release notes as sections, from which any format is written. */
export type Notes = { readonly sections: readonly { readonly title: string; readonly commits: readonly NotedCommit[] }[] }

const TITLES: readonly (readonly [type: string, title: string])[] = [
  ['feat', 'Features'],
  ['fix', 'Fixes'],
  ['perf', 'Performance'],
  ['revert', 'Reverted'],
  ['refactor', 'Refactoring'],
  ['docs', 'Documentation'],
  ['test', 'Tests'],
  ['build', 'Build'],
  ['ci', 'CI'],
  ['style', 'Style'],
  ['chore', 'Chores'],
]

/** What breaks comes first, then by type; merges only where they name a request that no commit names itself. */
export function groupNotes(commits: readonly NotedCommit[]): Notes {
  const single = commits.filter(({ isMerge }) => !isMerge)
  const named = new Set(single.flatMap(({ requests }) => requests))
  const merges = commits.filter(({ isMerge, requests }) => isMerge && requests.some((number) => !named.has(number)))
  const breaking = single.filter((commit) => commit.breaking !== null)
  const rest = single.filter((commit) => commit.breaking === null)
  const known = new Set(TITLES.map(([type]) => type))
  const sections = [
    { title: 'Breaking changes', commits: breaking },
    ...TITLES.map(([type, title]) => ({ title, commits: rest.filter((commit) => commit.type === type) })),
    { title: 'Other changes', commits: rest.filter(({ type }) => type === null || !known.has(type)) },
    { title: 'Merge requests', commits: merges },
  ]
  return { sections: sections.filter(({ commits }) => commits.length > 0) }
}

/** How a number is shown: `!12`, or a link to it. */
export type ShowRequest = (number: number) => string

type Style = {
  readonly heading: (title: string) => string
  readonly words: (text: string) => string
  readonly request: ShowRequest
  readonly most: number
}

/** For a tag's message and a terminal. */
export function plainNotes(notes: Notes, most: number): string {
  return write(notes, { heading: (title) => title, words: (text) => text, request: (number) => `!${number}`, most })
}

/** For a release page; words of commits are nothing but words there. */
export function markdownNotes(notes: Notes, request: ShowRequest, most: number): string {
  return write(notes, { heading: (title) => `### ${title}`, words: harmless, request, most })
}

function write({ sections }: Notes, style: Style): string {
  const lines = sections.flatMap(({ title, commits }, at) => [
    ...(at === 0 ? [] : ['']),
    style.heading(title),
    '',
    ...commits.map((commit) => line(commit, style)),
  ])
  return bounded(lines, style.most)
}

function line({ revision, scope, text, breaking, requests }: NotedCommit, { words, request }: Style): string {
  const what = words(scope === null ? text : `${scope}: ${text}`)
  const breaks = breaking === null || breaking === text ? '' : `; ${words(breaking)}`
  const asked = requests.map(request).join(', ')
  return `- ${what}${breaks} (${[shortSha(revision), ...(asked === '' ? [] : [asked])].join(', ')})`
}

/** Whole lines only, and how many are left out. */
function bounded(lines: readonly string[], most: number): string {
  const kept: string[] = []
  let length = 0
  for (const [at, each] of lines.entries()) {
    length += each.length + 1
    if (length > most) return [...kept, `… and ${lines.slice(at).filter((left) => left.startsWith('- ')).length} more`].join('\n')
    kept.push(each)
  }
  return kept.join('\n')
}

/** Neither markup nor markdown, and nobody is called by it. */
function harmless(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#+!|~&$-]/g, (char) => `\\${char}`).replaceAll('@', '＠')
}
