import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FreezeAnswer } from '../../domain/environment/freeze.ts'
import { transient } from '../../activities/failure.ts'
import { environmentId } from '../../workflows/ids.ts'
import { confirmUpdate, overrideUpdate } from '../../workflows/messages.ts'
import { ANNE } from '../fakes/conversation.ts'
import { ARTICLE_ENVIRONMENTS, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'
import { release, throughAlpha } from './release.ts'

/** A release, a hotfix of it and the way back, where other tests run too. */
const LONG = { timeout: 120_000 }
const BEN = { ...ANNE, name: 'ben' }

/** Environments whose estate has a freeze for them; a way back waits in it where the project is called so. */
const estate = (rollbacks: 'pass' | 'held') => ARTICLE_ENVIRONMENTS.map((each) => ({ ...each, freeze: { rollbacks } }))
const projects = ['opens', 'between', 'superseded', 'glass', 'back', 'held', 'unknown', 'lasting', 'restarted']
const worlds = new Map(projects.map((project) => [project, new World(project, estate(project === 'held' ? 'held' : 'pass'))]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

const closed = (end: number | null, rollbacks: 'pass' | 'held' = 'pass'): FreezeAnswer => ({
  open: false,
  windows: [{ name: 'weekend', kind: 'deny', reason: 'nobody is there' }],
  until: end,
  untilWords: end === null ? null : 'Monday 08:00 Europe/Berlin',
  rollbacks,
})
const OPEN: FreezeAnswer = { open: true, windows: [], until: null, untilWords: null, rollbacks: 'pass' }

/** Frozen for good, as far as is known. */
function freezeForGood(world: World, environment: string): void {
  world.freezes.set(environment, () => closed(null))
}

/** Frozen, each time for a second more, until the test has seen what it wants to see. */
function freeze(world: World, environment: string, rollbacks: 'pass' | 'held' = 'pass'): { readonly end: () => void } {
  let isOver = false
  world.freezes.set(environment, (now) => (isOver ? OPEN : closed(now + 1_000, rollbacks)))
  return { end: () => void (isOver = true) }
}

async function begin(project: string, continueAfterEvents?: number): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  world.push('master', 'A')
  await stage.begin(continueAfterEvents)
  return { world, stage }
}

const isFrozen = (stage: Scene, environment: string) =>
  until(
    () => stage.environment(environment),
    ({ waits }) => waits.some(({ kind }) => kind === 'freeze'),
  )
const onProd = (world: World) => world.applied.filter(({ environment }) => environment === 'prod').map(({ tag }) => tag)
const events = async (stage: Scene, environment: string) => (await stage.environment(environment)).state.entries.map(({ event }) => event)

/** A release that waits for its approval on prod. */
async function awaiting(project: string, continueAfterEvents?: number) {
  const opened = await begin(project, continueAfterEvents)
  const { stage, world } = opened
  await stage.start('1.0.0')
  await stage.hint()
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
  return opened
}

test.concurrent('an automatic environment waits for the window, says so everywhere, and goes on by itself', async ({ expect }) => {
  const { world, stage } = await begin('opens')
  const weekend = freeze(world, 'integration')
  await stage.hint()
  const { waits, state } = await isFrozen(stage, 'integration')
  expect(waits[0]).toMatchObject({ kind: 'freeze', until: state.freeze?.until })
  expect(waits[0]?.detail).toMatch(/^develop\.\w{8} waits: integration is frozen by weekend \(nobody is there\), until Monday 08:00/)
  expect(world.applied).toEqual([])
  weekend.end()
  await stage.runs('integration', state.waiting[0]!.request.tag)
  expect(await events(stage, 'integration')).toEqual(['requested', 'frozen', 'opened', 'started', 'verified'])
  await stage.assertHistories()
})

test.concurrent('what is newer takes the place of what waits, and only that is deployed', async ({ expect }) => {
  const { world, stage } = await begin('superseded')
  freezeForGood(world, 'integration')
  await stage.hint()
  await isFrozen(stage, 'integration')
  const revision = world.push('develop', 'B')
  await stage.hint()
  const tag = `develop.${revision.slice(0, 8)}`
  await until(
    () => stage.environment('integration'),
    ({ waits }) => waits.some(({ kind, request }) => kind === 'freeze' && request === tag),
  )
  const { state } = await stage.environment('integration')
  expect(state.waiting.map(({ request }) => request.tag)).toEqual([tag])
  expect(state.closed.map(({ outcome }) => outcome)).toEqual(['superseded'])
  expect(world.applied).toEqual([])
})

test.concurrent('a freeze that begins between approval and start holds what is approved, which starts when it ends', async ({ expect }) => {
  const { world, stage } = await awaiting('between')
  const rendering = world.hold('prepare', ({ environment }: { environment: string }) => environment === 'prod')
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await rendering.reached
  const weekend = freeze(world, 'prod')
  // What was told before the rendering is old by the time it ends.
  await new Promise((resolve) => setTimeout(resolve, 5_200))
  rendering.release()
  const { state } = await isFrozen(stage, 'prod')
  expect(state.waiting[0]?.stage).toMatchObject({ kind: 'ready', approval: { by: ANNE } })
  const sprint = await until(
    () => stage.sprint('1.0.0'),
    ({ waits }) => waits.some(({ kind }) => kind === 'freeze'),
  )
  expect(sprint.waits[0]?.detail).toContain('v1.0.0 is approved and waits: prod is frozen by weekend')
  expect(onProd(world)).toEqual([])
  weekend.end()
  await stage.runs('prod', 'v1.0.0')
})

test.concurrent('an approver breaks the glass; somebody else confirms it, and not they themselves', async ({ expect }) => {
  const { world, stage } = await awaiting('glass')
  freezeForGood(world, 'prod')
  const { request, hash } = await stage.vote('prod')
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await isFrozen(stage, 'prod')
  const prod = stage.handle.environment('prod')
  const wish = { request, hash, by: ANNE, reason: 'the shop is down', freeze: true }
  expect(await prod.executeUpdate(overrideUpdate, { args: [{ ...wish, hash: 'f'.repeat(64) }] })).toMatchObject({ ok: false })
  expect(await prod.executeUpdate(overrideUpdate, { args: [wish] })).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  const { waits, next } = await stage.environment('prod')
  expect(waits.find(({ kind }) => kind === 'confirmation')?.detail).toContain('by the word of anne (unverified): the shop is down')
  expect(next).toContain('slipway confirm prod 1')
  const confirm = (by: typeof ANNE) => prod.executeUpdate(confirmUpdate, { args: [{ epoch: 1, by, reason: null }] })
  expect(await confirm(ANNE)).toMatchObject({ ok: false, kind: 'rights' })
  expect(await confirm(BEN)).toMatchObject({ ok: true })
  const { state, waits: left } = await stage.environment('prod')
  expect(left.filter(({ kind }) => kind === 'confirmation')).toEqual([])
  expect(state.current?.breakGlass).toMatchObject({ windows: ['weekend'], by: ANNE, confirmed: { by: BEN } })
})

test.concurrent('a way back passes a freeze, and is neither planned nor approved anew', LONG, async ({ expect }) => {
  const { world, stage } = await begin('back')
  await release(stage, world, '1.0.0')
  world.push('release-1.0.0', 'mended')
  await stage.hint()
  await throughAlpha(stage, world, '1.0.0')
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  await stage.approve('prod')
  await stage.runs('prod', 'v1.0.0-hotfix1')
  freezeForGood(world, 'prod')
  const planned = world.calls.get('planBriefly')
  // Both releases, before they were approved and when they started.
  expect(planned).toBe(4)
  world.changedByHand.set('prod', [{ object: 'configmap/settings', change: 'delete', diff: null, note: null }])
  expect(await stage.rollback('prod', 1)).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  expect(world.calls.get('planBriefly')).toBe(planned)
})

test.concurrent('where the estate holds ways back too, one waits, and stops nothing that runs', LONG, async ({ expect }) => {
  const { world, stage } = await begin('held')
  await release(stage, world, '1.0.0')
  world.push('release-1.0.0', 'mended')
  await stage.hint()
  await throughAlpha(stage, world, '1.0.0')
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  const verifying = world.hold('verify', ({ environment }: { environment: string }) => environment === 'prod')
  await stage.approve('prod')
  await verifying.reached
  const weekend = freeze(world, 'prod', 'held')
  expect(await stage.rollback('prod', 1)).toMatchObject({ ok: true })
  await isFrozen(stage, 'prod')
  verifying.release()
  // It was not stopped for what may not begin.
  await stage.runs('prod', 'v1.0.0-hotfix1')
  weekend.end()
  await stage.runs('prod', 'v1.0.0')
  expect(onProd(world)).toEqual(['v1.0.0', 'v1.0.0-hotfix1', 'v1.0.0'])
})

test.concurrent('while nobody can tell whether it is frozen, nothing begins, and that is said', async ({ expect }) => {
  const { world, stage } = await begin('unknown')
  let away = true
  world.before = (activity) => {
    if (activity === 'readFreeze' && away) throw transient('the estate cannot be read')
  }
  await stage.hint()
  const { waits } = await until(
    () => stage.environment('integration'),
    (view) => view.waits.some(({ kind }) => kind === 'retry'),
  )
  expect(waits[0]?.detail).toMatch(
    /^develop\.\w{8} cannot begin yet and is tried again: whether integration is frozen cannot be told: the estate cannot be read$/,
  )
  expect(world.applied).toEqual([])
  away = false
  await until(
    () => world.applied,
    (applied) => applied.length === 1,
  )
})

test.concurrent('it continues as new while it is frozen, and goes on by itself all the same', async ({ expect }) => {
  const { world, stage } = await awaiting('lasting', 40)
  const weekend = freeze(world, 'prod')
  await stage.approve('prod')
  await isFrozen(stage, 'prod')
  const runs = async () => {
    let count = 0
    for await (const _ of stage.client.workflow.list({ query: `WorkflowId = "${environmentId('lasting', 'prod')}"` })) count++
    return count
  }
  const before = await runs()
  // Anything that makes the history grow.
  await until(
    async () => {
      await stage.lock('prod')
      await stage.unlock('prod')
      return runs()
    },
    (count) => count > before,
  )
  expect((await stage.environment('prod')).waits.map(({ kind }) => kind)).toEqual(['freeze'])
  expect(onProd(world)).toEqual([])
  weekend.end()
  await stage.runs('prod', 'v1.0.0')
})

test('workers that end while it is frozen, and others that come after the freeze, lose nothing', async () => {
  const { world, stage } = await begin('restarted')
  const weekend = freeze(world, 'integration')
  await stage.hint()
  await isFrozen(stage, 'integration')
  await house.restartWorkers()
  expect(world.applied).toEqual([])
  weekend.end()
  await until(
    () => world.applied,
    (applied) => applied.length === 1,
  )
})
