import { afterAll, beforeAll, expect, test } from 'vitest'
import { ARTICLE_ENVIRONMENTS, rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'

const world = new World(
  'taken-back',
  ARTICLE_ENVIRONMENTS.map((each) => ({ ...each, freeze: { rollbacks: 'pass' as const } })),
)
let stage: Stage
const short = (name: string) => rev(name).slice(0, 8)

beforeAll(async () => {
  world.push('develop', 'A')
  stage = await openStage(world)
  await stage.begin()
  await stage.start('1.0.0')
  await stage.runs('integration', `develop.${short('A')}`)
  await stage.say('1.0.0', { kind: 'cut', without: [] })
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  await stage.signOff('alpha', 'pass')
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
})
afterAll(() => stage.close())

const CLOSED = {
  open: false,
  windows: [{ name: 'weekend', kind: 'deny', reason: 'nobody is there' }],
  until: null,
  untilWords: null,
  rollbacks: 'pass',
} as const

test('a tag that is moved while its request waits takes the request back; put back, it can be asked for again', async () => {
  const vote = await stage.vote('prod')
  world.push('release-1.0.0', 'B')
  world.refs.set('refs/tags/v1.0.0', rev('B'))
  await stage.hint()
  const { waits } = await stage.phase('1.0.0', 'stabilising')
  expect(waits.find((wait) => wait.kind === 'tag')?.detail).toContain(`alarm: v1.0.0 was asked for at ${short('A')}`)
  expect(await stage.approveAs(vote)).toMatchObject({ ok: false, reason: expect.stringContaining('v1.0.0') })

  world.refs.set('refs/tags/v1.0.0', rev('A'))
  await stage.hint()
  await until(
    () => stage.sprint('1.0.0'),
    (view) => !view.waits.some((wait) => wait.detail.startsWith('alarm')),
  )
  expect(await stage.retry('prod')).toMatchObject({ ok: true })
  const again = await stage.vote('prod')
  expect(again.hash).not.toBe(vote.hash)
})

test.each([
  {
    why: 'locked',
    close: async (): Promise<unknown> => stage.lock('prod'),
    open: async (): Promise<unknown> => stage.unlock('prod'),
  },
  {
    why: 'freeze',
    close: async (): Promise<unknown> => world.freezes.set('prod', (now) => ({ ...CLOSED, until: now + 1_000 })),
    open: async (): Promise<unknown> => world.freezes.delete('prod'),
  },
])(
  'approved and held back ($why): a tag that is moved then is an alarm, and nothing is deployed when it opens',
  async ({ why, close, open }) => {
    await close()
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    const { state } = await until(
      () => stage.environment('prod'),
      ({ waits }) => waits.some(({ kind }) => kind === why),
    )
    const request = state.waiting[0]?.request.id
    world.refs.set('refs/tags/v1.0.0', rev('B'))
    await stage.hint()
    await stage.phase('1.0.0', 'stabilising')
    expect((await stage.sprint('1.0.0')).waits.find((wait) => wait.kind === 'tag')?.detail).toMatch(/^alarm: v1\.0\.0 was asked for at/)
    const taken = await until(
      () => stage.environment('prod'),
      ({ state: now }) => now.waiting.length === 0,
    )
    expect(taken.state.closed.some(({ id, tag }) => id === request && tag === 'v1.0.0')).toBe(true)

    await open()
    world.refs.set('refs/tags/v1.0.0', rev('A'))
    await stage.hint()
    await until(
      () => stage.sprint('1.0.0'),
      (view) => !view.waits.some((wait) => wait.detail.startsWith('alarm')),
    )
    expect(await stage.retry('prod')).toMatchObject({ ok: true })
    // What was approved before counts for nothing: it waits for an approval again.
    await stage.vote('prod')
    expect(world.applied.filter(({ environment }) => environment === 'prod')).toEqual([])
  },
)

test('an aborted sprint leaves nothing behind that somebody could approve', async () => {
  const vote = await stage.vote('prod')
  expect(await stage.say('1.0.0', { kind: 'abort', reason: 'not this month' })).toMatchObject({ ok: true })
  await until(
    () => stage.environment('prod'),
    ({ state }) => state.waiting.length === 0,
  )
  expect(await stage.approveAs(vote)).toMatchObject({ ok: false, reason: expect.stringContaining('aborted') })
  expect(world.applied.filter(({ environment }) => environment === 'prod')).toEqual([])
})
