import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlannedChange } from '../../activities/contract.ts'
import { permanent, transient } from '../../activities/failure.ts'
import { until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'
import { throughAlpha } from './release.ts'

const projects = ['unseen', 'moved', 'unplanned', 'away', 'restarted']
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
  'a target that cannot plan: it is told, what is taken away was then not shown, and nothing begins that nobody knows of',
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
    // What was approved with a plan does not begin without one; what was approved without one does.
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    const { state: third } = await until(
      () => stage.environment('prod'),
      (view) => view.state.entries.filter((entry) => entry.event === 'lapsed').length === 3,
    )
    expect(third.entries.at(-1)?.text).toBe(
      'v1.0.0: its approval lapsed, it was shown with a plan and cannot be planned any more: the cluster refuses a dry run',
    )
    expect(world.applied.filter(isProd)).toEqual([])
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    await stage.runs('prod', 'v1.0.0')
    expect(await recordOf(stage, 'planned')).toBe('v1.0.0: it could not be planned now either: the cluster refuses a dry run')
  },
)

test.concurrent(
  'while the target is away, what was approved waits with the reason and the time of the next try',
  LONG,
  async ({ expect }) => {
    const { world, stage } = await awaiting('away')
    world.before = (activity) => {
      if (activity === 'planBriefly') throw transient('the cluster does not answer')
    }
    expect(await stage.approve('prod')).toMatchObject({ ok: true })
    const { waits } = await until(
      () => stage.environment('prod'),
      (view) => view.waits.some(({ kind }) => kind === 'retry'),
    )
    expect(waits).toMatchObject([
      {
        detail: expect.stringContaining('what it would change cannot be told: the cluster does not answer'),
        nextTryAt: expect.any(Number),
      },
    ])
    expect(world.applied.filter(isProd)).toEqual([])
    world.before = () => undefined
    await stage.runs('prod', 'v1.0.0')
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
