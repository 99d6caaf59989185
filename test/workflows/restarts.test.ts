import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Activities } from '../../activities/contract.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
const took = (ask: () => Promise<{ ok: boolean }>) => until(ask, (answer) => answer.ok)

type Story = { readonly world: World; readonly stage: Scene }
/** What is at work when the workers end: what begins it, and what there is when it went on. */
type Point = {
  readonly in: 'integrating' | 'stabilising' | 'releasing'
  readonly at: keyof Activities
  readonly begin: (story: Story) => unknown
  readonly end: (story: Story) => Promise<unknown>
}

const push =
  (branch: string) =>
  async ({ world, stage }: Story) => {
    world.push(branch, 'B')
    await stage.hint()
  }
const integrated = ({ stage }: Story) => stage.runs('integration', `develop.${short('B')}`, 60_000)
const stabilised = ({ stage }: Story) => stage.runs('alpha', `release-1.0.0.${short('B')}`, 60_000)
const live = async ({ stage }: Story) => {
  await stage.runs('prod', 'v1.0.0', 60_000)
  await stage.phase('1.0.0', 'live', 60_000)
}
const cut = ({ stage }: Story) => stage.say('1.0.0', { kind: 'cut', without: [] })
const tag = ({ stage }: Story) => stage.say('1.0.0', { kind: 'tag', revision: null })

const POINTS: Record<string, Point> = {
  look: { in: 'integrating', at: 'look', begin: push('develop'), end: integrated },
  plan: { in: 'integrating', at: 'planBuild', begin: push('develop'), end: integrated },
  build: { in: 'integrating', at: 'buildImage', begin: push('develop'), end: integrated },
  name: { in: 'integrating', at: 'nameImages', begin: push('develop'), end: integrated },
  render: { in: 'integrating', at: 'prepare', begin: push('develop'), end: integrated },
  // Whoever waits for the answer of a command is told that it did not take, and says it again.
  branch: {
    in: 'integrating',
    at: 'createBranch',
    begin: async (story) =>
      expect(await cut(story)).toMatchObject({
        ok: false,
        kind: 'failed',
        reason: expect.stringContaining('release-1.0.0 could not be made'),
      }),
    end: async (story) => {
      await took(() => cut(story))
      await story.stage.runs('alpha', `release-1.0.0.${short('A')}`, 60_000)
    },
  },
  put: { in: 'stabilising', at: 'apply', begin: push('release-1.0.0'), end: stabilised },
  check: { in: 'stabilising', at: 'verify', begin: push('release-1.0.0'), end: stabilised },
  // What was approved before the workers ended is rendered once more and goes on.
  approved: { in: 'releasing', at: 'prepare', begin: ({ stage }) => stage.approve('prod'), end: live },
  released: { in: 'releasing', at: 'apply', begin: ({ stage }) => stage.approve('prod'), end: live },
}

const projects = [...Object.keys(POINTS), 'waiting']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

async function storyIn(project: string, phase: Point['in']): Promise<Story> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  const story = { world, stage }
  world.push('develop', 'A')
  await stage.begin()
  await stage.start('1.0.0')
  await stage.runs('integration', `develop.${short('A')}`, 60_000)
  if (phase === 'integrating') return story
  await took(() => cut(story))
  await stage.runs('alpha', `release-1.0.0.${short('A')}`, 60_000)
  if (phase === 'stabilising') return story
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await took(() => tag(story))
  await stage.vote('prod')
  return story
}

test('workers that end in every phase, whatever is at work, change nothing', { timeout: 240_000 }, async () => {
  const waiting = await storyIn('waiting', 'releasing')
  const vote = await waiting.stage.vote('prod')
  const begun = await Promise.all(
    Object.entries(POINTS).map(async ([project, point]) => {
      const story = await storyIn(project, point.in)
      const held = story.world.hold(point.at)
      const answer = Promise.resolve(point.begin(story))
      await held.reached
      return { story, point, held, answer }
    }),
  )
  await house.restartWorkers()
  await Promise.all(
    begun.map(async ({ story, point, held, answer }) => {
      held.release()
      await answer
      await point.end(story)
    }),
  )
  expect(await waiting.stage.vote('prod')).toEqual(vote)
  expect(await waiting.stage.approve('prod')).toMatchObject({ ok: true })
  await live(waiting)

  for (const { world, stage } of [...begun.map(({ story }) => story), waiting]) {
    expect(new Set(world.builds).size).toBe(world.builds.length)
    for (const { name } of world.settings.environments) {
      const put = world.applied.filter(({ environment }) => environment === name)
      expect(put.map(({ epoch }) => epoch)).toEqual(put.map((_, index) => index + 1))
    }
    await stage.assertHistories()
  }
})
