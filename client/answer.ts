import type { Answer } from '../domain/wait.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { printLines, type Io } from './io.ts'
import { neutral } from './view/neutral.ts'

/** Says what a state machine answered, and gives the exit code that belongs to it. */
export function tellAnswer(io: Io, answer: Answer<{ text: string; notes?: readonly string[] }>): ExitCode {
  if (answer.ok) {
    printLines(io.out, [neutral(answer.text), ...(answer.notes ?? []).map((note) => `note: ${neutral(note)}`)])
    return EXIT.done
  }
  const exit = exitOf(answer.kind)
  printLines(io.err, [
    `${exit === EXIT.refused ? 'refused: ' : ''}${neutral(answer.reason)}`,
    ...answer.next.map((command) => `  next: ${neutral(command)}`),
  ])
  return exit
}

export function exitOf(kind: 'state' | 'rights' | 'notFound' | 'failed'): ExitCode {
  switch (kind) {
    case 'state':
    case 'rights':
      return EXIT.refused
    case 'notFound':
      return EXIT.notFound
    case 'failed':
      return EXIT.failed
    default:
      return kind satisfies never
  }
}
