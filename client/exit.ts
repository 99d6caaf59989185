/** What the CLI ends with; scripts rely on these numbers. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, notFound: 4, unreachable: 5 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An end that a person can understand: one sentence, what to do next, and for `--verbose` the cause. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exit: ExitCode
  readonly next: readonly string[]

  constructor(exit: ExitCode, sentence: string, next: readonly string[] = [], cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause })
    this.exit = exit
    this.next = next
  }
}

export function failed(sentence: string, next: readonly string[] = [], cause?: unknown): CliError {
  return new CliError(EXIT.failed, sentence, next, cause)
}

export function usage(sentence: string, next: readonly string[] = []): CliError {
  return new CliError(EXIT.usage, sentence, next)
}

export function refused(sentence: string, next: readonly string[] = []): CliError {
  return new CliError(EXIT.refused, sentence, next)
}

export function notFound(sentence: string, next: readonly string[] = []): CliError {
  return new CliError(EXIT.notFound, sentence, next)
}

export function unreachable(sentence: string, next: readonly string[] = [], cause?: unknown): CliError {
  return new CliError(EXIT.unreachable, sentence, next, cause)
}
