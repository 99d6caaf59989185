import { afterAll, beforeAll, test } from 'vitest'
import type { Snapshot } from '../../domain/snapshot.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const tag = (name: string) => `develop.${rev(name).slice(0, 8)}`
const projects = ['ended', 'unknown', 'skipped', 'after', 'irreversible', 'closed', 'aborted', 'locked']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

const hook = (name: string, when: 'before' | 'after') =>
  ({ name, when, kind: 'command', content: `sha256:${'0'.repeat(64)}`, timeoutSeconds: 60 }) as const
const MIGRATE: Pick<Snapshot, 'hooks'> = { hooks: [hook('migrate', 'before')] }

/** A runs on integration without a hook; what comes after it has these. */
async function begin(project: string, planned: Pick<Snapshot, 'hooks' | 'irreversible'> = {}): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await stage.runs('integration', tag('A'))
  world.plannedHooks.set('integration', planned)
  return { world, stage }
}

async function push(stage: Scene, world: World, name: string): Promise<void> {
  world.push('develop', name)
  await stage.hint()
}

const halted = (stage: Scene) =>
  until(
    () => stage.environment('integration'),
    ({ state }) => state.running?.halt !== undefined,
  )
const parked = (stage: Scene) =>
  until(
    () => stage.environment('integration'),
    ({ state }) => state.parked !== null,
  )
const applied = (world: World) => world.applied.map(({ tag: put, epoch }) => `${epoch} ${put}`)

test.concurrent('a way back ends the deployment that runs, and automation does not bring that back', async ({ expect }) => {
  const { world, stage } = await begin('ended')
  const verifying = world.hold('verify')
  await push(stage, world, 'B')
  await verifying.reached
  expect(await stage.rollback('integration', 1)).toMatchObject({ ok: true })
  await until(
    () => applied(world),
    (all) => all.length === 3,
  )
  verifying.release()
  const { state } = await stage.runs('integration', tag('A'))
  expect(applied(world)).toEqual([`1 ${tag('A')}`, `2 ${tag('B')}`, `3 ${tag('A')}`])
  expect(state).toMatchObject({ broken: false, vetoes: [{ epoch: 2, tag: tag('B') }], current: { epoch: 3 } })
  expect(state.closed.find(({ tag: closed }) => closed === tag('B'))?.reason).toContain(
    'it was ended: anne (unverified) asked for the way back',
  )
  await stage.assertHistories()
})

test.concurrent('a hook whose end nobody knows is not run again by itself; days and other workers later a person says so', async ({
  expect,
}) => {
  const { world, stage } = await begin('unknown', MIGRATE)
  world.hookEnds.set('migrate 1', 'unknown')
  await push(stage, world, 'B')
  const { waits, next } = await halted(stage)
  expect(waits).toMatchObject([{ kind: 'parked', detail: expect.stringContaining('stands at the hook migrate, before the deployment') }])
  expect(next).toContain('slipway resolve integration retry --reason …')
  expect(applied(world)).toEqual([`1 ${tag('A')}`])
  await house.restartWorkers()
  expect(await stage.resolve('integration', 'nonsense')).toMatchObject({ ok: false })
  expect(await stage.resolve('integration', 'retry')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('B'))
  expect(world.hooks.map(({ hook: name, run, epoch }) => `${epoch} ${name} ${run}`)).toEqual(['2 migrate 1', '2 migrate 2'])
  expect(await stage.resolve('integration', 'retry')).toMatchObject({ ok: false, reason: 'nothing is parked in integration' })
})

test.concurrent('a hook that failed is skipped by a person’s word, and the way back runs none', async ({ expect }) => {
  const { world, stage } = await begin('skipped', MIGRATE)
  await push(stage, world, 'B')
  await stage.runs('integration', tag('B'))
  world.hookEnds.set('migrate', 'fails')
  await push(stage, world, 'C')
  await halted(stage)
  expect(await stage.resolve('integration', 'skip')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('C'))
  expect(await stage.rollback('integration', 2)).toMatchObject({ ok: true })
  await stage.runs('integration', tag('B'))
  expect(world.hooks).toHaveLength(2)
})

test.concurrent('a hook after the deployment that failed: what ran before is put back when a person says so', async ({ expect }) => {
  const { world, stage } = await begin('after', { hooks: [hook('smoke', 'after')] })
  world.hookEnds.set('smoke', 'fails')
  await push(stage, world, 'B')
  const { state } = await halted(stage)
  expect(state.running?.halt).toMatchObject({ step: 'after', hook: 'smoke', choices: ['retry', 'skip', 'abort', 'rollback'] })
  expect(await stage.resolve('integration', 'rollback')).toMatchObject({ ok: true })
  expect((await parked(stage)).state).toMatchObject({ parked: { target: 'restored' }, vetoes: [], current: { epoch: 1 } })
  expect(applied(world)).toEqual([`1 ${tag('A')}`, `2 ${tag('B')}`, `2 ${tag('A')}`])
})

test.concurrent('behind what cannot be taken back nothing is put back by itself', async ({ expect }) => {
  const irreversible = { name: 'drop-orders', reason: 'the column is gone' }
  const { world, stage } = await begin('irreversible', { ...MIGRATE, irreversible })
  world.unhealthy.add(tag('B'))
  world.hookEnds.set('migrate 1', 'fails')
  await push(stage, world, 'B')
  await halted(stage)
  expect(await stage.resolve('integration', 'retry')).toMatchObject({ ok: true })
  const { state } = await until(
    () => stage.environment('integration'),
    (view) => view.state.running?.halt?.step === 'verifying',
  )
  expect(state.running?.halt).toMatchObject({ step: 'verifying', hook: null, choices: ['retry', 'abort', 'rollback'] })
  expect(state.running?.halt?.reason).toContain('is not put back by itself, for drop-orders cannot be taken back: the column is gone')
  world.unhealthy.clear()
  expect(await stage.resolve('integration', 'retry')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('B'))
  // Tried again behind the hook, not before it.
  expect(world.hooks.map(({ run }) => run)).toEqual([1, 2])
  expect(await stage.rollback('integration', 1)).toMatchObject({ ok: false, reason: expect.stringContaining('lies before drop-orders') })
})

test.concurrent('where nobody has to approve, a newer push closes what stands', async ({ expect }) => {
  const { world, stage } = await begin('closed', MIGRATE)
  world.hookEnds.set('migrate 1', 'fails')
  await push(stage, world, 'B')
  await halted(stage)
  world.hookEnds.clear()
  await push(stage, world, 'C')
  await stage.runs('integration', tag('C'))
  expect(applied(world)).toEqual([`1 ${tag('A')}`, `3 ${tag('C')}`])
})

test.concurrent('put aside at a hook before the deployment, the target was not changed', async ({ expect }) => {
  const { world, stage } = await begin('aborted', MIGRATE)
  world.hookEnds.set('migrate', 'fails')
  await push(stage, world, 'B')
  await halted(stage)
  expect(await stage.resolve('integration', 'abort')).toMatchObject({ ok: true })
  const { state } = await parked(stage)
  expect(state).toMatchObject({ broken: false, parked: { target: 'intact', step: 'before', observed: ['migrate printed this'] } })
  expect(applied(world)).toEqual([`1 ${tag('A')}`])
  world.hookEnds.clear()
  expect(await stage.resolve('integration', 'retry')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('B'))
})

test.concurrent('a locked environment starts nothing until it is unlocked', async ({ expect }) => {
  const { world, stage } = await begin('locked')
  expect(await stage.lock('integration')).toMatchObject({ ok: true })
  await push(stage, world, 'B')
  await until(
    () => stage.environment('integration'),
    ({ waits }) => waits.some(({ kind, detail }) => kind === 'locked' && detail.startsWith(tag('B'))),
  )
  expect(await stage.rollback('integration', 1)).toMatchObject({ ok: false })
  expect(await stage.unlock('integration')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('B'))
  // What one can go back to keeps its digests named.
  expect([...world.names.keys()].filter((name) => name.includes('slipway-keep-integration-')).length).toBeGreaterThan(0)
})
