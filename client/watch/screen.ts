import { createLogUpdate } from 'log-update'
import { printLines, type Io } from '../io.ts'
import type { SprintPicture } from '../picture.ts'
import { age } from '../view/duration.ts'
import { columnsOf, look } from '../view/paint.ts'
import { printed, span, type Line } from '../view/span.ts'
import { changeLines, factsOf, type Facts } from './changes.ts'
import { statusLines } from '../view/status.ts'

/** What a watcher sees: a page that renews itself on a terminal, one line a change without one. */
export type Screen = {
  readonly show: (picture: SprintPicture) => void
  /** Why nothing new is known. */
  readonly trouble: (sentence: string) => void
  readonly close: () => void
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const
const FRAME_MS = 100

export async function openScreen(io: Io, quiet: boolean): Promise<Screen> {
  if (quiet) return { show: () => undefined, trouble: () => undefined, close: () => undefined }
  return io.out.isTTY === true && io.env['TERM'] !== 'dumb' ? livePage(io) : plainLines(io)
}

function livePage(io: Io): Screen {
  const update = createLogUpdate(io.out as NodeJS.WriteStream)
  let newest: SprintPicture | null = null
  let trouble: { sentence: string; since: number } | null = null
  let frame = 0
  const draw = () => {
    const now = io.now()
    const columns = columnsOf(io.out) - 1
    const notice: Line[] = trouble === null ? [] : [[], [span(`${trouble.sentence}  ${age(trouble.since, now)}`, 'red')]]
    // The cursor stands in the last row.
    const rows = ((io.out as { rows?: number }).rows ?? 24) - 1 - notice.length
    const spinner = FRAMES[frame++ % FRAMES.length]!
    const page = newest === null ? [] : statusLines({ ...newest, now }, { spinner, columns, rows })
    update(printed([...page, ...notice], { ...look(io), columns }).join('\n'))
  }
  const timer = setInterval(draw, FRAME_MS)
  return {
    show: (picture) => {
      newest = picture
      trouble = null
    },
    trouble: (sentence) => {
      trouble = { sentence, since: trouble?.since ?? io.now() }
    },
    close: () => {
      clearInterval(timer)
      draw()
      update.done()
    },
  }
}

function plainLines(io: Io): Screen {
  let facts: Facts = new Map()
  let trouble = ''
  const print = (lines: readonly Line[]) => printLines(io.out, printed(lines, look(io)))
  return {
    show: (picture) => {
      if (trouble !== '') print(changeLines(new Map(), new Map([['back', 'it answers again']]), io.now()))
      const seen = factsOf(picture)
      print(changeLines(facts, seen, io.now()))
      facts = seen
      trouble = ''
    },
    trouble: (sentence) => {
      if (sentence !== trouble) print(changeLines(new Map(), new Map([['trouble', sentence]]), io.now()))
      trouble = sentence
    },
    close: () => undefined,
  }
}
