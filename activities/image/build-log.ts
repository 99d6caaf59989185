import { stripVTControlCharacters } from 'node:util'

/** The output of a pre-build and a build, kept in bounds: of an endless one the beginning and the end. */
export type BuildLog = {
  /** Takes text as it comes, in pieces of any size. */
  readonly write: (text: string) => void
  /** The newest line that says something. */
  readonly newest: () => string
  /** The last lines, short and printable. */
  readonly lastLines: () => readonly string[]
  readonly bytes: () => Buffer
}

const HEAD_BYTES = 2 * 1024 * 1024
const TAIL_BYTES = 6 * 1024 * 1024
const LAST_LINES = 20
const MOST_LINE_CHARACTERS = 300

/** @param onLine is called for every whole line that says something, short and printable */
export function createBuildLog(onLine: (line: string) => void = () => {}): BuildLog {
  const head: Buffer[] = []
  const tail: Buffer[] = []
  const last: string[] = []
  let headBytes = 0
  let tailBytes = 0
  let dropped = 0
  let open = ''

  const keep = (bytes: Buffer) => {
    if (headBytes < HEAD_BYTES) {
      head.push(bytes)
      headBytes += bytes.length
      return
    }
    tail.push(bytes)
    tailBytes += bytes.length
    // Cut off in large pieces, for taking from the front of a long list is slow.
    if (tailBytes > 2 * TAIL_BYTES) {
      let count = 0
      for (; tailBytes > TAIL_BYTES && count < tail.length - 1; count++) {
        const length = tail[count]?.length ?? 0
        tailBytes -= length
        dropped += length
      }
      tail.splice(0, count)
    }
  }
  const note = (line: string) => {
    const shown = shownLine(line)
    if (shown === '') return
    last.push(shown)
    if (last.length > LAST_LINES) last.shift()
    onLine(shown)
  }

  return {
    write: (text) => {
      if (text === '') return
      keep(Buffer.from(text))
      // A carriage return begins a progress bar's next state.
      const lines = (open + text).split(/\r\n|\n|\r/)
      open = (lines.pop() ?? '').slice(-4096)
      for (const line of lines) note(line)
    },
    newest: () => shownLine(open) || (last.at(-1) ?? ''),
    lastLines: () => {
      const unfinished = shownLine(open)
      return unfinished === '' ? [...last] : [...last, unfinished].slice(-LAST_LINES)
    },
    bytes: () => Buffer.concat(dropped === 0 ? [...head, ...tail] : [...head, Buffer.from(`\n… ${dropped} bytes left out …\n`), ...tail]),
  }
}

/** Without colours and control characters, cut; a tab is a blank. */
export function shownLine(line: string): string {
  const plain = stripVTControlCharacters(line)
    .replace(/\t/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
  return plain.length > MOST_LINE_CHARACTERS ? `${plain.slice(0, MOST_LINE_CHARACTERS)}…` : plain
}
