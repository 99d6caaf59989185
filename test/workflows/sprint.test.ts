import { afterAll, beforeAll, expect, test } from 'vitest'
import { World, until, rev } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'

const world = new World('website')
let stage: Stage

beforeAll(async () => {
  world.push('develop', 'A')
  stage = await openStage(world)
  await stage.begin()
})
afterAll(() => stage.close())

test('a sprint goes from its first merge into develop to an approved production', async () => {
  await stage.runs('integration', `develop.${rev('A').slice(0, 8)}`)
  expect(await stage.start('1.0.0', ['feature/greeting'])).toMatchObject({ ok: true })

  world.push('feature/greeting', 'F')
  world.push('develop', 'B', ['F'])
  await stage.hint()
  await stage.runs('integration', `develop.${rev('B').slice(0, 8)}`)
  await until(
    () => stage.sprint('1.0.0'),
    ({ state }) => state.features[0]?.merged?.how === 'merge',
  )

  expect(await stage.say('1.0.0', { kind: 'cut', without: [] })).toMatchObject({ ok: true })
  await stage.runs('alpha', `release-1.0.0.${rev('B').slice(0, 8)}`)
  expect(world.builds.filter((build) => build.endsWith(rev('B').slice(0, 8)))).toEqual([`website ${rev('B').slice(0, 8)}`])

  expect(await stage.say('1.0.0', { kind: 'tag', revision: null })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('not signed off'),
  })
  expect(await stage.signOff('alpha', 'fail')).toMatchObject({ ok: true })
  world.push('release-1.0.0', 'C')
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${rev('C').slice(0, 8)}`)
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })

  expect(
    await until(
      () => stage.say('1.0.0', { kind: 'tag', revision: null }),
      (answer) => answer.ok,
    ),
  ).toMatchObject({ ok: true })
  await stage.phase('1.0.0', 'releasing')
  await until(
    () => stage.environment('prod'),
    ({ waits }) => waits.some((wait) => wait.kind === 'approval'),
  )
  expect(world.applied.filter(({ environment }) => environment === 'prod')).toEqual([])
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  const { state } = await stage.phase('1.0.0', 'live')
  expect(state.release).toEqual({ tag: 'v1.0.0', revision: rev('C') })
  expect(world.names.get('eap/website:v1.0.0')).toBe(world.names.get(`eap/website:release-1.0.0.${rev('C').slice(0, 8)}`))
})
