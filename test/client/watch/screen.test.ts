import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { openScreen } from '../../../client/watch/screen.ts'
import type { Io } from '../../../client/io.ts'
import { widthOf } from '../../../client/view/width.ts'
import { integrating } from '../sample.ts'

function terminal(env: Io['env'], rows = 24) {
  let text = ''
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk)
      done()
    },
  })
  const out = Object.assign(stream, { isTTY: true, columns: 70, rows })
  const io: Io = { out, err: out, env, cwd: '/', now: () => integrating().now, onInterrupt: () => () => undefined }
  return { io, seen: () => text }
}

test('on a terminal: one page that fits, and it is coloured', async () => {
  const { io, seen } = terminal({ TERM: 'xterm' })
  const screen = await openScreen(io, false)
  screen.show(integrating())
  screen.trouble('Temporal answers, but no worker does')
  screen.close()
  const page = stripVTControlCharacters(seen()).split('\n')
  expect(page[0]).toBe('website 1.0.0')
  expect(page.length).toBeLessThanOrEqual(24)
  expect(page.every((line) => widthOf(line) < 70)).toBe(true)
  expect(seen()).toContain('\u001b[36m● integrating')
})

test.each([24, 16])('on %i rows what it waits for, what comes next and the trouble are there: candidates give way', async (rows) => {
  const { io, seen } = terminal({ TERM: 'xterm', NO_COLOR: '1' }, rows)
  const picture = integrating()
  const features = Array.from({ length: 30 }, (_, n) => ({ branch: `feature/${n}`, merged: null, since: 0 }))
  const screen = await openScreen(io, false)
  screen.show({ ...picture, sprint: { ...picture.sprint, state: { ...picture.sprint.state, features } } })
  screen.trouble('Temporal answers, but no worker does')
  screen.close()
  const page = stripVTControlCharacters(seen()).trimEnd().split('\n')
  expect(page.length).toBeLessThan(rows)
  expect(page).toContain('waits for')
  expect(page).toContain('next')
  expect(page.at(-1)).toContain('no worker does')
})

test('NO_COLOR is honoured', async () => {
  const { io, seen } = terminal({ TERM: 'xterm', NO_COLOR: '1' })
  const screen = await openScreen(io, false)
  screen.show(integrating())
  screen.close()
  expect(seen()).toContain('● integrating 5 min')
  // eslint-disable-next-line no-control-regex
  expect(seen()).not.toMatch(/\u001b\[[0-9;]*m/)
})

test('a dumb terminal gets lines', async () => {
  const { io, seen } = terminal({ TERM: 'dumb' })
  const screen = await openScreen(io, false)
  screen.show(integrating())
  screen.close()
  expect(seen().split('\n')[0]).toBe('04:05:00 1.0.0 is integrating')
})
