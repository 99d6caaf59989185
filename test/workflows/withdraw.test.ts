import { afterAll, beforeAll, expect, test } from 'vitest'
import { rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'

const world = new World('taken-back')
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
