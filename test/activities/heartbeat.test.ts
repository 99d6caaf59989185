import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withHeartbeat, type Say } from '../../activities/heartbeat.ts'

type Beat = { atMs: number; line: string }

let beats: Beat[] = []
let startMs = 0
const controller = new AbortController()
const attempt = {
  signal: controller.signal,
  heartbeat: ({ line }: { line: string }) => void beats.push({ atMs: Date.now() - startMs, line }),
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  beats = []
  startMs = Date.now()
})
afterEach(() => vi.useRealTimers())

/** Work that lasts until it is told how it ends. */
function begin(first: string) {
  const end = Promise.withResolvers<string>()
  let say: Say = () => {}
  const result = withHeartbeat(attempt, first, async (given) => {
    say = given
    return await end.promise
  })
  return { result, end, say: (line: string) => say(line) }
}

test('beats with the first line soon, and again and again while nothing is said', async () => {
  const { result, end } = begin('looking')
  vi.advanceTimersByTime(10_000)
  expect(beats[0]).toEqual({ atMs: 250, line: 'looking' })
  expect(beats.length).toBeGreaterThanOrEqual(9)
  const times = [0, ...beats.map((beat) => beat.atMs), 10_000]
  expect(Math.max(...times.slice(1).map((time, n) => time - times[n]!))).toBeLessThanOrEqual(2000)
  end.resolve('done')
  expect(await result).toBe('done')
})

test('shows the newest line within a quarter of a second, however much is said', () => {
  const { say } = begin('starting')
  for (let n = 0; n < 1000; n++) {
    say(`line ${n}`)
    vi.advanceTimersByTime(1)
  }
  expect(beats.map((beat) => beat.line)).toEqual(['line 249', 'line 499', 'line 749', 'line 999'])
})

test('lines are trimmed and cut, and blank ones are no news', () => {
  const { say } = begin('  starting\n')
  vi.advanceTimersByTime(250)
  say(`\t${'x'.repeat(1000)}\r\n`)
  vi.advanceTimersByTime(250)
  say(' \n')
  vi.advanceTimersByTime(250)
  expect(beats.map((beat) => beat.line)).toEqual(['starting', 'x'.repeat(300)])
})

test.each(['resolve', 'reject'] as const)('ends with the work: %s', async (how) => {
  const { result, end, say } = begin('working')
  vi.advanceTimersByTime(300)
  end[how]('the end')
  expect(await result.catch((reason: unknown) => reason)).toBe('the end')
  say('too late')
  vi.advanceTimersByTime(10_000)
  expect(beats).toHaveLength(1)
})

test('work that is done at once makes no heartbeat', async () => {
  vi.useRealTimers()
  await withHeartbeat(attempt, 'short', async () => await sleep(10))
  expect(beats).toEqual([])
})

test("hands on the attempt's signal", async () => {
  expect(await withHeartbeat(attempt, 'x', async (_say, signal) => await Promise.resolve(signal))).toBe(controller.signal)
})
