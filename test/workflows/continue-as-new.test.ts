import { afterAll, beforeAll, test } from 'vitest'
import { buildId, deploymentId, environmentId, repositoryId, sprintId } from '../../workflows/ids.ts'
import { failsTransiently, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
/** Short enough for several runs of each in one sprint. */
const EVENTS = 40
const projects = ['continued', 'deploying', 'building', 'lost', 'unheard', 'outage']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

async function begin(project: string): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin(EVENTS)
  await stage.runs('integration', `develop.${short('A')}`)
  return { world, stage }
}

async function runs(stage: Scene, workflowId: string): Promise<number> {
  let count = 0
  for await (const _ of stage.client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) count++
  return count
}

/** Makes the workflow's history grow by messages that change nothing of account, until another run goes on. */
async function untilContinued(stage: Scene, workflowId: string, say: () => Promise<unknown>): Promise<void> {
  const { runId } = await stage.client.workflow.getHandle(workflowId).describe()
  await until(
    async () => {
      await say()
      return (await stage.client.workflow.getHandle(workflowId).describe()).runId
    },
    (now) => now !== runId,
    40_000,
  )
}

const denyVote = (stage: Scene, name: string) => () => stage.handle.environment(name).signal('approve', {})

test.concurrent('repository, sprint and environments continue as new in the middle of a sprint, and nothing is lost', async ({
  expect,
}) => {
  const { world, stage } = await begin('continued')
  await stage.start('1.0.0', ['feature/x'])
  world.push('feature/x', 'X')
  world.push('develop', 'B', ['X'])
  await stage.hint()
  await stage.runs('integration', `develop.${short('B')}`)
  await until(
    () => stage.say('1.0.0', { kind: 'cut', without: [] }),
    (answer) => answer.ok,
  )
  for (const name of ['C', 'D', 'E']) {
    world.push('release-1.0.0', name)
    await stage.hint()
    await stage.runs('alpha', `release-1.0.0.${short(name)}`)
  }
  await stage.signOff('alpha', 'pass')
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  const vote = await stage.vote('prod')
  await untilContinued(stage, environmentId('continued', 'prod'), denyVote(stage, 'prod'))
  await untilContinued(stage, sprintId('continued', '1.0.0'), () => stage.say('1.0.0', { kind: 'cut', without: [] }))
  await untilContinued(stage, repositoryId('continued'), () => stage.hint())
  // What was asked before is still what is approved.
  expect(await stage.vote('prod')).toEqual(vote)
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  await stage.phase('1.0.0', 'live')

  for (const id of [
    repositoryId('continued'),
    sprintId('continued', '1.0.0'),
    environmentId('continued', 'alpha'),
    environmentId('continued', 'prod'),
  ])
    expect(await runs(stage, id), id).toBeGreaterThan(1)
  expect(new Set(world.builds).size).toBe(world.builds.length)
  const put = (name: string) => world.applied.filter(({ environment }) => environment === name).map(({ epoch }) => epoch)
  expect([put('alpha'), put('prod')]).toEqual([[1, 2, 3, 4].slice(0, put('alpha').length), [1]])
  await stage.assertHistories()
})

test.concurrent('an environment that continues while a deployment runs hears of its end', async ({ expect }) => {
  const { world, stage } = await begin('deploying')
  const held = world.hold('apply')
  world.push('develop', 'B')
  await stage.hint()
  await held.reached
  await untilContinued(stage, environmentId('deploying', 'integration'), denyVote(stage, 'integration'))
  await untilContinued(stage, repositoryId('deploying'), () => stage.hint())
  expect((await stage.environment('integration')).state.running?.epoch).toBe(2)
  held.release()
  await stage.runs('integration', `develop.${short('B')}`)
  expect(world.applied).toHaveLength(2)
})

test.concurrent('a repository that continues while a build runs hears of its end, and builds nothing twice', async ({ expect }) => {
  const { world, stage } = await begin('building')
  const held = world.hold('buildImage')
  world.push('develop', 'B')
  await stage.hint()
  await held.reached
  await untilContinued(stage, repositoryId('building'), () => stage.hint())
  held.release()
  await stage.runs('integration', `develop.${short('B')}`)
  expect(world.builds.filter((build) => build.startsWith('website'))).toHaveLength(2)
  expect(await runs(stage, buildId('building', rev('B')))).toBe(1)
})

test.concurrent(
  'a deployment that is terminated after its environment continued is parked all the same',
  { timeout: 90_000 },
  async ({ expect }) => {
    const { world, stage } = await begin('lost')
    const held = world.hold('apply')
    world.push('develop', 'B')
    await stage.hint()
    await held.reached
    await untilContinued(stage, environmentId('lost', 'integration'), denyVote(stage, 'integration'))
    await stage.client.workflow.getHandle(deploymentId('lost', 'integration', 2)).terminate('by hand')
    held.release()
    const { state } = await until(
      () => stage.environment('integration'),
      (view) => view.state.parked !== null,
      60_000,
    )
    expect(state.parked).toMatchObject({ target: 'broken', reason: 'the deployment workflow ended without a word' })
    await stage.retry('integration')
    await stage.runs('integration', `develop.${short('B')}`)
  },
)

test.concurrent('a build that is terminated after its repository continued is begun anew', { timeout: 90_000 }, async () => {
  const { world, stage } = await begin('unheard')
  const held = world.hold('buildImage')
  world.push('develop', 'B')
  await stage.hint()
  await held.reached
  await untilContinued(stage, repositoryId('unheard'), () => stage.hint())
  await stage.client.workflow.getHandle(buildId('unheard', rev('B'))).terminate('by hand')
  held.release()
  await stage.runs('integration', `develop.${short('B')}`, 60_000)
})

test.concurrent('what is away for long does not keep a workflow from continuing', { timeout: 90_000 }, async ({ expect }) => {
  const { world, stage } = await begin('outage')
  world.before = failsTransiently('prepare', 4, 'git does not answer')
  world.push('develop', 'B')
  await stage.hint()
  await until(
    () => stage.environment('integration'),
    ({ waits }) => waits.some((wait) => wait.detail.includes('git does not answer')),
  )
  await untilContinued(stage, environmentId('outage', 'integration'), denyVote(stage, 'integration'))
  await stage.runs('integration', `develop.${short('B')}`, 60_000)

  world.before = failsTransiently('look', 4, 'the remote does not answer')
  await untilContinued(stage, repositoryId('outage'), () => stage.hint())
  world.push('develop', 'C')
  await stage.hint()
  await stage.runs('integration', `develop.${short('C')}`, 60_000)
  expect(world.applied.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
})
