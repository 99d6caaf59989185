import { expect, test } from 'vitest'
import { readMarks } from '../../bench/history/marks.ts'
import { momentsOf, type Seen } from '../../bench/history/moments.ts'
import { medianMoments } from '../../bench/measure/deliveries.ts'
import { readRollup } from '../../bench/machine/memory.ts'
import { SLIPWAY, lengthOf, total } from '../../bench/report/stretches.ts'

const run = (name: string, scheduled: number, started: number, ended: number): Seen[] => [
  { at: scheduled, kind: 'scheduled', name },
  { at: started, kind: 'started', name },
  { at: ended, kind: 'completed', name },
]

const moments = momentsOf({
  repository: [
    { at: 60, kind: 'signal', name: 'hint' },
    ...run('look', 70, 80, 180),
    ...run('nameImages', 100, 110, 120),
    { at: 700, kind: 'signal', name: 'buildReport' },
    ...run('nameImages', 710, 720, 750),
  ],
  build: [...run('planBuild', 200, 210, 250), ...run('buildImage', 260, 270, 600), ...run('buildImage', 260, 265, 690)].toSorted(
    (a, b) => a.at - b.at,
  ),
  environment: [{ at: 760, kind: 'signal', name: 'request' }, ...run('prepare', 770, 780, 880)],
  deployment: [...run('apply', 900, 910, 1500), ...run('verify', 1510, 1520, 1600)],
})

test('what runs side by side lasts from the first beginning to the last end', () => {
  expect(moments).toMatchObject({ 'build scheduled': 260, 'build started': 265, 'build ended': 690 })
})

test('what happened before the images were there belongs to another delivery', () => {
  expect(moments).toMatchObject({ 'name scheduled': 710, 'name started': 720, 'name ended': 750, requested: 760 })
})

test('the stretches cover the way from push to served without a gap', () => {
  const served = { ...moments, served: 1400 }
  const lengths = SLIPWAY.map((stretch) => lengthOf(stretch, served) ?? Number.NaN)
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(1400)
  expect((['git', 'work', 'Temporal'] as const).reduce((sum, kind) => sum + total(kind, served), 0)).toBe(1400)
})

test('a moment that was not seen makes no length', () => {
  const { 'look ended': _lost, ...rest } = moments
  expect(SLIPWAY.filter((stretch) => lengthOf(stretch, { ...rest, served: 1400 }) === null).map(({ name }) => name)).toEqual([
    'look at the remote',
    'look → plan (starts the build)',
  ])
})

test('only moments that every delivery had have a median', () => {
  expect(medianMoments([{ a: 1, b: 2 }, { a: 3 }, { a: 8, b: 4 }])).toEqual({ a: 3 })
})

test('the lines of the script that name a moment are read, and no others', () => {
  expect(readMarks('begun 1700000000010\nStep 1 : FROM x\nbuilt 1700000000500\nbuilt 17\n', 1_700_000_000_000)).toEqual({
    begun: 10,
    built: 500,
  })
})

test('memory is read as the kernel writes it', () => {
  expect(readRollup('00400000-7fff r--p [rollup]\nRss:              204800 kB\nPss:              102400 kB\nPss_Anon: 1 kB\n')).toEqual({
    rssMiB: 200,
    pssMiB: 100,
  })
  expect(() => readRollup('Rss: 1 kB\n')).toThrow('Pss')
})
