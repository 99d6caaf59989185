import { afterAll, beforeAll, test } from 'vitest'
import { deploymentId } from '../../workflows/ids.ts'
import { failsForGood, failsTransiently, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
const projects = [
  'restored',
  'first',
  'transient',
  'halfway',
  'refused',
  'fenced',
  'restoredbackup',
  'terminated',
  'unrendered',
  'older',
  'absent',
]
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

function open(project: string): { world: World; stage: Scene } {
  const world = worlds.get(project)!
  world.push('develop', 'A')
  return { world, stage: house.stage(world) }
}

async function begin(project: string) {
  const opened = open(project)
  await opened.stage.begin()
  await opened.stage.runs('integration', tag('A'))
  return opened
}

const tag = (name: string) => `develop.${short(name)}`
const parked = (stage: Scene, target: string) =>
  until(
    () => stage.environment('integration'),
    ({ state }) => state.parked?.target === target,
  )
const waits = async (stage: Scene) => (await stage.environment('integration')).waits.map((wait) => wait.detail)

test.concurrent('a deployment that does not become healthy is restored: what ran before runs again, under a higher attempt', async ({
  expect,
}) => {
  const { world, stage } = await begin('restored')
  await stage.start('1.0.0')
  world.unhealthy.add(tag('B'))
  const takesBack: boolean[] = []
  world.before = (activity, input) => void (activity === 'apply' && takesBack.push((input as { takeBack?: true }).takeBack === true))
  world.push('develop', 'B')
  await stage.hint()
  const { state, next } = await parked(stage, 'restored')
  // What comes back is not stopped by somebody's hand; what is new is.
  expect(takesBack).toEqual([false, true])
  expect(world.applied).toEqual([
    { environment: 'integration', tag: tag('A'), epoch: 1, attempt: 1 },
    { environment: 'integration', tag: tag('B'), epoch: 2, attempt: 1 },
    { environment: 'integration', tag: tag('A'), epoch: 2, attempt: 2 },
  ])
  expect(state).toMatchObject({
    epoch: 2,
    current: { tag: tag('A'), epoch: 1 },
    parked: { step: 'verifying', observed: ['website-1 CrashLoopBackOff: exit code 1'] },
  })
  expect(next).toContain('slipway retry integration')
  const told = await until(
    () => stage.sprint('1.0.0'),
    (view) => view.waits.some((wait) => wait.kind === 'parked'),
  )
  expect(told.waits[0]?.detail).toContain(
    `${tag('B')} failed on integration: ${tag('B')} does not become healthy; slipway retry integration`,
  )

  world.unhealthy.clear()
  expect(await stage.retry('integration')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('B'))
  expect((await stage.environment('integration')).state.current).toMatchObject({ epoch: 3, request: `${tag('B')}~2` })
  await stage.assertHistories()
})

test.concurrent('a first deployment that fails has nothing to go back to: broken, parked, and a newer push goes on', async ({ expect }) => {
  const { world, stage } = open('first')
  world.unhealthy.add(tag('A'))
  await stage.begin()
  const { state } = await parked(stage, 'broken')
  expect(state.parked?.reason).toBe(`${tag('A')} does not become healthy. It was the first deployment: there is nothing to restore`)
  expect(world.applied).toHaveLength(1)
  expect(await stage.retry('integration')).toMatchObject({ ok: true })
  await until(
    () => stage.environment('integration'),
    (view) => view.state.epoch === 2 && view.state.parked !== null,
  )
  world.push('develop', 'B')
  await stage.hint()
  await stage.runs('integration', tag('B'))
  expect((await stage.environment('integration')).state).toMatchObject({ epoch: 3, parked: null, past: [] })
})

test.concurrent('what is away while it is rendered, put there or checked is waited for, with the reason', async ({ expect }) => {
  const { world, stage } = await begin('transient')
  await stage.start('1.0.0')
  for (const [activity, name, words] of [
    ['prepare', 'B', 'cannot be rendered yet and is tried again: git does not answer'],
    ['apply', 'C', 'is tried again after attempt 1: ssh does not answer'],
    ['verify', 'D', 'is tried again after attempt 1: the pods do not answer'],
  ] as const) {
    world.before = failsTransiently(activity, 1, words.split(': ')[1])
    world.push('develop', name)
    await stage.hint()
    await until(
      () => waits(stage),
      (details) => details.some((detail) => detail.startsWith(tag(name)) && detail.endsWith(words)),
    )
    const told = await until(
      () => stage.sprint('1.0.0'),
      (view) => view.waits.some((wait) => wait.kind === 'retry'),
    )
    expect(told.waits.find((wait) => wait.kind === 'retry')?.detail).toContain(words.split(': ')[1])
    await stage.runs('integration', tag(name))
  }
  expect(world.applied.map(({ epoch, attempt }) => [epoch, attempt])).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 1],
  ])
})

test.concurrent('a check that is refused for good comes after the target was changed: what ran before is restored', async ({ expect }) => {
  const { world, stage } = await begin('halfway')
  world.before = failsForGood('verify', 1, 'Refused', 'the cluster refuses the credentials')
  world.push('develop', 'B')
  await stage.hint()
  await parked(stage, 'restored')
  expect(world.applied.at(-1)).toMatchObject({ tag: tag('A'), epoch: 2, attempt: 2 })
})

test.concurrent('what is refused before the target is changed leaves it intact', async ({ expect }) => {
  const { world, stage } = await begin('refused')
  world.before = failsForGood('apply', 1, 'Refused', 'the host key is unknown')
  world.push('develop', 'B')
  await stage.hint()
  await parked(stage, 'intact')
  expect(world.applied).toHaveLength(1)
  expect(await waits(stage)).toEqual([
    `${tag('B')} failed, nothing was changed on the target: the host key is unknown. A newer push or slipway retry integration goes on`,
  ])
})

test.concurrent('a target that holds a later epoch refuses; the numbering goes on from there', async ({ expect }) => {
  const { world, stage } = open('fenced')
  world.held.set('integration', { epoch: 41, attempt: 3 })
  await stage.begin()
  await stage.runs('integration', tag('A'))
  expect(world.applied).toEqual([{ environment: 'integration', tag: tag('A'), epoch: 42, attempt: 1 }])
})

test.concurrent('a target that holds the same epoch of another deployment refuses as well, as after a backup was put back', async ({
  expect,
}) => {
  const { world, stage } = open('restoredbackup')
  world.held.set('integration', { epoch: 1, attempt: 1, identity: 'f'.repeat(12) })
  await stage.begin()
  const { state } = await stage.runs('integration', tag('A'))
  expect(world.applied).toEqual([expect.objectContaining({ environment: 'integration', tag: tag('A'), epoch: 2, attempt: 1 })])
  expect(state.entries).toContainEqual(expect.objectContaining({ event: 'epochFound' }))
})

test.concurrent('a deployment that somebody terminates is parked as broken, and nothing waits for it for ever', async ({ expect }) => {
  const { world, stage } = await begin('terminated')
  const held = world.hold('apply')
  world.push('develop', 'B')
  await stage.hint()
  await held.reached
  await stage.client.workflow.getHandle(deploymentId('terminated', 'integration', 2)).terminate('by hand')
  held.release()
  const { state } = await parked(stage, 'broken')
  expect(state.parked?.reason).toContain('the deployment workflow ended without a word')
  await stage.retry('integration')
  await stage.runs('integration', tag('B'))
})

test.concurrent('what cannot be rendered even the first time is parked and can be asked for again', async ({ expect }) => {
  const { world, stage } = open('unrendered')
  world.before = failsForGood('prepare', 1, 'RenderFailed', 'compose.yaml is missing')
  await stage.begin()
  await parked(stage, 'intact')
  expect(world.applied).toEqual([])
  expect(await stage.retry('integration')).toMatchObject({ ok: true })
  await stage.runs('integration', tag('A'))
})

test.concurrent('an older revision never replaces one that contains it, unless develop was rewritten to it', async ({ expect }) => {
  const { world, stage } = await begin('older')
  world.push('develop', 'B')
  await stage.hint()
  await stage.runs('integration', tag('B'))
  const { state } = await stage.environment('integration')
  const { request, snapshot } = state.past[0]!
  const late = {
    id: `${request}-late`,
    candidate: snapshot.candidate,
    tag: tag('A'),
    version: null,
    by: { kind: 'automation', name: 'develop' },
    at: Date.now(),
    rewritten: false,
  }
  await stage.handle.environment('integration').signal('request', late)
  await until(
    () => stage.environment('integration'),
    (view) => view.state.closed.some((closed) => closed.outcome === 'older'),
  )
  expect(world.applied).toHaveLength(2)

  world.refs.set('refs/heads/develop', rev('A'))
  await stage.hint()
  await stage.runs('integration', tag('A'))
  const repository = await stage.repository()
  expect(repository.entries.at(-1)).toMatchObject({ event: 'rewritten', text: `develop was rewritten from ${short('B')} to ${short('A')}` })
  expect((await stage.environment('integration')).state.epoch).toBe(3)
})

test.concurrent('a request waits for an environment whose workflow does not run, and reaches it when it does', async ({ expect }) => {
  const { world, stage } = await begin('absent')
  await stage.handle.environment('integration').terminate('by hand')
  world.held.set('integration', { epoch: 1, attempt: 3 })
  world.push('develop', 'B')
  await stage.hint()
  await until(
    () => stage.repository(),
    ({ refs }) => refs.some((tracked) => tracked.revision === rev('B') && tracked.named),
  )
  await stage.begin()
  await stage.runs('integration', tag('B'))
  // The new workflow knew nothing; the target knew its epoch.
  expect(world.applied.at(-1)).toMatchObject({ tag: tag('B'), epoch: 2, attempt: 1 })
})
