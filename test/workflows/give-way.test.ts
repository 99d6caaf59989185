import { afterAll, beforeAll, expect, test } from 'vitest'
import { transient } from '../../activities/failure.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'

const world = new World('give-way')
let stage: Stage
const short = (name: string) => rev(name).slice(0, 8)
const isOf = (input: unknown, name: string) => JSON.stringify(input).includes(rev(name))

beforeAll(async () => {
  world.push('develop', 'A')
  stage = await openStage(world)
  await stage.begin()
  await stage.runs('integration', `develop.${short('A')}`)
})
afterAll(() => stage.close())

test('a build that cannot be done now gives way to the next push', async () => {
  world.before = (activity, input) => {
    if (activity === 'buildImage' && isOf(input, 'B')) throw transient('no such host')
  }
  world.push('develop', 'B')
  await stage.hint()
  await until(
    () => stage.repository(),
    ({ builds }) => builds.some((build) => build.revision === rev('B')),
  )
  world.push('develop', 'C')
  await stage.hint()
  await stage.runs('integration', `develop.${short('C')}`)
})

test('a deployment that cannot be done now gives way to the next candidate', async () => {
  world.before = (activity, input) => {
    if (activity === 'apply' && isOf(input, 'D') && !isOf(input, 'E')) throw transient('the image cannot be pulled')
  }
  world.push('develop', 'D')
  await stage.hint()
  await until(
    () => stage.environment('integration'),
    ({ state }) => state.running?.retry !== null && state.running !== null,
  )
  world.push('develop', 'E')
  await stage.hint()
  const { state } = await stage.runs('integration', `develop.${short('E')}`)
  expect(state.broken).toBe(false)
  expect(state.closed.find(({ tag }) => tag === `develop.${short('D')}`)?.reason).toContain('given up')
})
