/** What is wrong: no file, no YAML, a key that is not known, a required one that is missing, a value that does not fit. */
export type ProblemKind = 'file' | 'syntax' | 'unknown-key' | 'missing' | 'value'

/** One mistake in a configuration file. Holds no secret: what lies below `credentials`, `login` and the like is not shown. */
export type ConfigProblem = {
  readonly kind: ProblemKind
  /** The file as the caller named it. */
  readonly file: string
  /** Both count from 1; the column in UTF-16 units. */
  readonly line: number
  readonly column: number
  /** Such as `projects.website.environments.alpha.form`; empty for the whole file. */
  readonly path: string
  readonly found: string
  readonly expected: string
  /** What to do, in a few words, such as `did you mean "from"?`. */
  readonly hint?: string
}

export type ConfigResult<T> =
  | {
      readonly ok: true
      readonly value: T
      /** sha256 of the normalised value, 64 hexadecimal digits. */ readonly hash: string
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Where in the file: keys and list indexes from the root. */
export type Path = readonly (string | number)[]

export type Position = { readonly line: number; readonly column: number }

/** A mistake before it has a file and a position. `at` says whether the key or the value is to be pointed at. */
export type Mistake = {
  readonly kind: ProblemKind
  readonly path: Path
  readonly at: 'key' | 'value'
  readonly found: string
  readonly expected: string
  readonly hint?: string
}

/** What the schema found; where a key was misspelt with the path that was meant, since it is not missing as well. */
export type Found = Mistake & { readonly meant?: Path }

const MOST_LINES = 50

/** One line a problem, as compilers write them, so that editors and terminals make the position clickable. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.slice(0, MOST_LINES).map(formatProblem)
  const more = problems.length - lines.length
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

function formatProblem(problem: ConfigProblem): string {
  const where = problem.kind === 'file' ? problem.file : `${problem.file}:${problem.line}:${problem.column}`
  return `${problem.path === '' ? where : `${where} ${problem.path}`}: ${sentence(problem)}`
}

function sentence({ kind, found, expected, hint }: ConfigProblem): string {
  const tail = hint === undefined ? '' : `; ${hint}`
  switch (kind) {
    case 'unknown-key':
      return hint === undefined ? `unknown key ${found}; expected ${expected}` : `unknown key ${found}${tail}`
    case 'missing':
      return `missing; expected ${expected}${tail}`
    case 'file':
    case 'syntax':
    case 'value':
      return `found ${found}; expected ${expected}${tail}`
    default:
      return kind satisfies never
  }
}
