import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlannedChange } from '../../activities/contract.ts'
import { permanent } from '../../activities/failure.ts'
import { until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'
import { throughAlpha } from './release.ts'

const projects = ['unseen', 'moved', 'unplanned', 'restarted']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

/** Three approvals one after another, where other tests run too. */
const LONG = { timeout: 120_000 }

const change = (object: string, kind: PlannedChange['change']): PlannedChange => ({ object, change: kind, diff: null, note: null })
const isProd = ({ environment }: { environment: string }) => environment === 'prod'
const byHand = (world: World, ...changes: PlannedChange[]) => world.changedByHand.set('prod', changes)

/** A sprint whose release waits for approval. */
async function awaiting(project: string): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await stage.start('1.0.0')
  await until(
    () => stage.say('1.0.0', { kind: 'cut', without: [] }),
    (answer) => answer.ok,
  )
  await throughAlpha(stage, world, '1.0.0')
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  await stage.vote('prod')
  return { world, stage }
}

const preparationOf = async (stage: Scene) => {
  const [waiting] = (await stage.environment('prod')).state.waiting
  return waiting !== undefined && 'preparation' in waiting.stage ? waiting.stage.preparation : null
}
const recordOf = async (stage: Scene, event: string) =>
  (await stage.environment('prod')).state.entries.find((entry) => entry.event === event)?.text

/** Approves, and lets somebody change the target by hand before it starts. */
async function approveThen(world: World, stage: Scene, ...changes: PlannedChange[]): Promise<void> {
  const held = world.hold('prepare', isProd)
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await held.reached
  byHand(world, ...changes)
  held.release()
}

test.concurrent('what would be taken away and was not shown makes the approval lapse, by name; shown, it can be approved', async ({
  expect,
}) => {
  const { world, stage } = await awaiting('unseen')
  expect((await preparationOf(stage))?.plan).toMatchObject({ ok: true, counts: { create: 1 }, removals: { names: [] } })
  await approveThen(world, stage, change('configmap/settings', 'delete'), change('deployment/api', 'update'))
  const lapsed = await until(
    () => recordOf(stage, 'lapsed'),
    (text) => text !== undefined,
  )
  expect(lapsed).toBe('v1.0.0: its approval lapsed, it would delete configmap/settings, which the plan that was shown did not say')
  expect(world.applied.filter(isProd)).toEqual([])
  const { plan } = (await preparationOf(stage))!
  expect(plan).toMatchObject({
    removals: { names: ['delete configmap/settings'] },
    moved: { names: ['delete configmap/settings (was not planned)', 'update deployment/api (was not planned)'] },
  })

  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  const { state } = await stage.runs('prod', 'v1.0.0')
  const shown = plan?.ok === true ? plan.whole : ''
  expect(state.current).toMatchObject({ approval: { plan: shown }, plan: shown })
  expect(world.plans.get(shown)).toHaveLength(3)
  await stage.assertHistories()
})

test.concurrent('what changes otherwise is only recorded', async ({ expect }) => {
  const { world, stage } = await awaiting('moved')
  const before = (await preparationOf(stage))?.plan
  await approveThen(world, stage, change('deployment/api', 'update'))
  const { state } = await stage.runs('prod', 'v1.0.0')
  expect(await recordOf(stage, 'planned')).toBe(
    'v1.0.0: it changes something else than was shown, and nothing more is taken away: update deployment/api (was not planned)',
  )
  expect(await recordOf(stage, 'lapsed')).toBeUndefined()
  expect(state.current?.approval?.plan).toBe(before?.ok === true ? before.whole : '')
  expect(state.current?.plan).not.toBe(state.current?.approval?.plan)
})

test.concurrent(
  'a target that cannot plan holds up nothing: it is told, and what is taken away was then not shown',
  LONG,
  async ({ expect }) => {
    const { world, stage } = await awaiting('unplanned')
    world.before = (activity) => {
      if (activity === 'planBriefly') throw permanent('Refused', 'the cluster refuses a dry run')
    }
    world.overlays.set('prod', 'three replicas')
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    await until(
      () => recordOf(stage, 'lapsed'),
      (text) => text !== undefined,
    )
    await stage.vote('prod')
    expect((await preparationOf(stage))?.plan).toMatchObject({ ok: false, reason: 'the cluster refuses a dry run' })

    world.before = () => undefined
    byHand(world, change('job/migrate', 'replace'))
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    const { state } = await until(
      () => stage.environment('prod'),
      (view) => view.state.entries.filter((entry) => entry.event === 'lapsed').length === 2,
    )
    expect(state.entries.at(-1)?.text).toBe('v1.0.0: its approval lapsed, it would replace job/migrate, and no plan was shown')

    world.before = (activity) => {
      if (activity === 'planBriefly') throw permanent('Refused', 'the cluster refuses a dry run')
    }
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    await stage.runs('prod', 'v1.0.0')
    expect(await recordOf(stage, 'planned')).toBe('v1.0.0: it could not be planned once more: the cluster refuses a dry run')
  },
)

test('a worker that ends while it plans is followed by another one that does', async () => {
  const { world, stage } = await awaiting('restarted')
  const held = world.hold('planBriefly', isProd)
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await held.reached
  const restarted = house.restartWorkers()
  held.release()
  await restarted
  await stage.runs('prod', 'v1.0.0')
  expect(world.applied.filter(isProd)).toHaveLength(1)
})
