import type { ConfigProblem, Mistake, Position } from '../problem.ts'
import { formatPath } from './format-path.ts'

/** A mistake with the file and the position that it has in it. */
export function placed(file: string, { kind, path, found, expected, hint }: Mistake, position: Position): ConfigProblem {
  return { kind, file, ...position, path: formatPath(path), found, expected, ...(hint === undefined ? {} : { hint }) }
}

/** As they stand in the file. */
export function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
