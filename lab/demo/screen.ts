import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where the demo speaks: colours for a terminal, plain text for everything else (NO_COLOR and FORCE_COLOR as usual). */
export type Screen = {
  readonly act: (title: string) => void
  /** What happens next and why, in a sentence. */
  readonly tell: (text: string) => void
  /** What the sentence before speaks of. */
  readonly note: (text: string) => void
  /** A command, before it runs. */
  readonly line: (text: string) => void
  /** A refusal that was meant to happen. */
  readonly exitCode: (code: number) => void
  readonly table: (title: string, rows: readonly (readonly string[])[]) => void
  readonly commands: (title: string, rows: readonly (readonly [command: string, what: string])[]) => void
  readonly problem: (text: string) => void
  /** What a command said, as it said it. */
  readonly raw: (text: string) => void
}

export function openScreen(stream: NodeJS.WriteStream): Screen {
  const paint = (style: Style, text: string) => styleText(style, text, { stream })
  const print = (text: string) => void stream.write(`${text}\n`)
  return {
    act: (title) => print(`\n${paint(['bold', 'magenta'], `━━ ${title} ${'━'.repeat(Math.max(3, 92 - title.length))}`)}`),
    tell: (text) => print(`\n${paint('italic', text)}`),
    note: (text) => print(`  ${paint('cyan', text)}`),
    line: (text) => print(`\n${paint(['bold', 'green'], '$')} ${paint('bold', text)}`),
    exitCode: (code) => print(paint('dim', `exit code ${code}`)),
    table: (title, rows) => {
      print(`\n${paint('bold', title)}`)
      for (const row of aligned(rows)) print(`  ${row}`)
    },
    commands: (title, rows) => {
      print(`\n${paint('bold', title)}`)
      const width = Math.max(...rows.map(([command]) => command.length))
      for (const [command, what] of rows)
        print(what === '' ? `  ${paint('cyan', command)}` : `  ${paint('cyan', command.padEnd(width))}  ${paint('dim', what)}`)
    },
    problem: (text) => print(`\n${paint(['bold', 'red'], text)}`),
    raw: (text) => {
      if (text !== '') stream.write(text.endsWith('\n') ? text : `${text}\n`)
    },
  }
}

/** Cells in columns, two spaces between. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
