import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Activities } from '../../activities/contract.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
const world = new World('restarted')
let stage: Stage

beforeAll(async () => {
  world.push('develop', 'A')
  stage = await openStage(world)
  await stage.begin()
  await stage.runs('integration', `develop.${short('A')}`)
})
afterAll(() => stage.close())

/** Begins something, and restarts the workers while the activity that it needs is at work. */
async function restartIn(activity: keyof Activities, begin: () => unknown): Promise<void> {
  const held = world.hold(activity)
  const begun = begin()
  await held.reached
  await stage.restartWorkers()
  held.release()
  await begun
}

test('workers that end in every phase, whatever is at work, change nothing', { timeout: 240_000 }, async () => {
  await stage.start('1.0.0')
  const push = (branch: string, name: string) => async () => {
    world.push(branch, name)
    await stage.hint()
  }
  await restartIn('look', push('develop', 'B'))
  await stage.runs('integration', `develop.${short('B')}`)
  await restartIn('planBuild', push('develop', 'C'))
  await stage.runs('integration', `develop.${short('C')}`)
  await restartIn('buildImage', push('develop', 'D'))
  await stage.runs('integration', `develop.${short('D')}`)
  await restartIn('nameImages', push('develop', 'E'))
  await stage.runs('integration', `develop.${short('E')}`)

  const cut = () => stage.say('1.0.0', { kind: 'cut', without: [] })
  const answers: unknown[] = []
  await restartIn('createBranch', async () => answers.push(await cut()))
  // Whoever waited for the answer is told that it did not take, and says it again.
  expect(answers).toMatchObject([{ ok: false, kind: 'failed', reason: expect.stringContaining('release-1.0.0 could not be made') }])
  await restartIn('prepare', cut)
  await stage.runs('alpha', `release-1.0.0.${short('E')}`)
  await restartIn('apply', push('release-1.0.0', 'F'))
  await stage.runs('alpha', `release-1.0.0.${short('F')}`)
  await restartIn('verify', push('release-1.0.0', 'G'))
  await stage.runs('alpha', `release-1.0.0.${short('G')}`)

  await stage.restartWorkers()
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await stage.restartWorkers()
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  const vote = await stage.vote('prod')
  await stage.restartWorkers()
  expect(await stage.vote('prod')).toEqual(vote)
  // The approval took before the worker ended: what was approved is rendered once more, and goes on.
  await restartIn('prepare', () => stage.approve('prod'))
  await stage.runs('prod', 'v1.0.0')
  await stage.phase('1.0.0', 'live')
  await stage.restartWorkers()
  expect(await stage.say('1.0.0', { kind: 'tag', revision: null })).toMatchObject({ ok: false })

  expect(new Set(world.builds).size).toBe(world.builds.length)
  const put = (name: string) => world.applied.filter(({ environment }) => environment === name).map(({ tag, epoch }) => [tag, epoch])
  expect(put('integration')).toEqual(['A', 'B', 'C', 'D', 'E'].map((name, index) => [`develop.${short(name)}`, index + 1]))
  expect(put('alpha')).toEqual(['E', 'F', 'G'].map((name, index) => [`release-1.0.0.${short(name)}`, index + 1]))
  expect(put('prod')).toEqual([['v1.0.0', 1]])
  await stage.assertSummaries()
})
