import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANNOUNCED, type Announcement } from '../../domain/announcer/announcement.ts'
import { announcer as announcerWorkflow } from '../../workflows/announcer.ts'
import { announcerId } from '../../workflows/ids.ts'
import { announcerQuery, announceSignal } from '../../workflows/messages.ts'
import { MAIN_QUEUE } from '../../workflows/queues.ts'
import { ensureAnnouncer } from '../../worker/entities.ts'
import { permanent, transient } from '../../activities/failure.ts'
import { listening, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'
import { release } from './release.ts'

const projects = ['told', 'flaky', 'nobody', 'forged', 'renewed'] as const
const worlds = new Map(projects.map((project) => [project, listening(new World(project))]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

const everything = (name: string) => ({ name, kinds: ANNOUNCED, environments: null, retrySeconds: 600 })
const stateOf = (stage: Scene, project: string) => stage.client.workflow.getHandle(announcerId(project)).query(announcerQuery)
const kinds = (world: World, to: string, environment: string | null) =>
  world.told.filter((each) => each.to === to && each.event.environment === environment).map(({ event }) => event.kind)

test('a release is told from its build to production, each thing once, to those who want to hear it', async () => {
  const world = worlds.get('told')!
  const stage = house.stage(world)
  world.addressees = [everything('all'), { ...everything('prod only'), kinds: ['live', 'waiting', 'rolledBack'], environments: ['prod'] }]
  world.push('develop', 'A')
  await ensureAnnouncer(stage.client, 'told')
  await stage.begin()
  await release(stage, world, '1.0.0')
  world.push('release-1.0.0', 'mended')
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${rev('mended').slice(0, 8)}`)
  await until(
    () => kinds(world, 'all', 'prod'),
    (told) => told.includes('live'),
  )
  expect(kinds(world, 'all', 'prod')).toEqual(['waiting', 'deploying', 'live'])
  expect(kinds(world, 'prod only', 'prod')).toEqual(['waiting', 'live'])
  expect(world.told.filter(({ to }) => to === 'prod only').every(({ event }) => event.environment === 'prod')).toBe(true)
  const builds = world.told.filter(({ to, event }) => to === 'all' && event.environment === null && event.revision === rev('A'))
  expect(builds.map(({ event }) => event.kind)).toEqual(['building', 'built'])
  expect(world.told.find(({ event }) => event.kind === 'waiting')?.event).toMatchObject({
    tag: 'v1.0.0',
    version: '1.0.0',
    text: 'v1.0.0 waits for its approval for prod: slipway approve prod v1.0.0',
  })
  const ids = world.told.filter(({ to }) => to === 'all').map(({ event }) => event.id)
  expect(new Set(ids).size).toBe(ids.length)
  await stage.assertHistories()
})

test('what was not taken is told again under the same id, in order, and one who does not answer holds up nobody', async () => {
  const world = worlds.get('flaky')!
  const stage = house.stage(world)
  world.addressees = [everything('flaky'), everything('gone'), everything('steady')]
  const attempts: string[] = []
  world.before = (activity, input) => {
    if (activity !== 'announce') return
    const { to, event } = input as { to: string; event: Announcement }
    if (to === 'gone') throw permanent('Refused', 'The notification gone was refused with 410.')
    if (to !== 'flaky') return
    attempts.push(event.id)
    if (attempts.length <= 2) throw transient('it stumbled')
  }
  world.push('develop', 'A')
  await ensureAnnouncer(stage.client, 'flaky')
  await stage.begin()
  await until(
    () => kinds(world, 'steady', 'integration'),
    (told) => told.includes('live'),
  )
  const { sent } = await until(
    () => stateOf(stage, 'flaky'),
    (state) => state.pending.length === 0 && state.sent >= 8,
  )
  expect(sent).toBe(8)
  expect(attempts.slice(0, 3)).toEqual([attempts[0], attempts[0], attempts[0]])
  expect(kinds(world, 'flaky', null)).toEqual(['building', 'built'])
  expect(kinds(world, 'flaky', 'integration')).toEqual(['deploying', 'live'])
  const { dropped } = await stateOf(stage, 'flaky')
  expect(dropped.map(({ to, kind, reason }) => [to, kind, reason])).toEqual(
    (['building', 'built', 'deploying', 'live'] as const).map((kind) => ['gone', kind, 'The notification gone was refused with 410.']),
  )
})

test('an announcer that is not there harms nobody', async () => {
  const world = worlds.get('nobody')!
  const stage = house.stage(world)
  world.addressees = [everything('all')]
  world.push('develop', 'A')
  await stage.begin()
  await stage.runs('integration', `develop.${rev('A').slice(0, 8)}`)
  world.push('develop', 'B')
  await stage.hint()
  await stage.runs('integration', `develop.${rev('B').slice(0, 8)}`)
  expect(world.told).toEqual([])
})

test('whatever is sent to it, it lives, and tells nothing that is no event of its project', async () => {
  const world = worlds.get('forged')!
  const stage = house.stage(world)
  world.addressees = [everything('all')]
  await ensureAnnouncer(stage.client, 'forged')
  const handle = stage.client.workflow.getHandle(announcerId('forged'))
  const whole = event('forged', 'forged/x/1')
  const wrong = [
    null,
    7,
    'x',
    {},
    [null],
    [[]],
    [{ ...whole, project: 'another' }],
    [{ ...whole, id: '../x' }],
    [{ ...whole, revision: 'HEAD' }],
    [{ ...whole, kind: 'constructor' }],
    [{ ...whole, text: 5 }],
    [{ ...whole, at: 'now' }],
  ]
  for (const each of wrong) await handle.signal(announceSignal, each as never)
  const more = Object.assign({}, whole, { further: 'x'.repeat(100_000) })
  await handle.signal(announceSignal, [whole, whole, more])
  await handle.signal(announceSignal, [whole])
  await until(
    () => world.told,
    (told) => told.length > 0,
  )
  const last = event('forged', 'forged/x/2')
  await handle.signal(announceSignal, [last])
  await until(
    () => world.told,
    (told) => told.length > 1,
  )
  expect(world.told).toEqual([whole, last].map((each) => ({ to: 'all', event: each })))
})

test('it goes on in a new run, and loses nothing and tells nothing twice', async () => {
  const world = worlds.get('renewed')!
  const stage = house.stage(world)
  world.addressees = [everything('all')]
  const workflowId = announcerId('renewed')
  await stage.client.workflow.start(announcerWorkflow, {
    workflowId,
    taskQueue: MAIN_QUEUE,
    args: [{ project: 'renewed', continueAfterEvents: 15 }],
    staticSummary: 'continues as new early',
  })
  const handle = stage.client.workflow.getHandle(workflowId)
  const first = (await handle.describe()).runId
  const all = Array.from({ length: 12 }, (_, at) => event('renewed', `renewed/x/${at}`))
  for (const each of all) await handle.signal(announceSignal, [each])
  await until(
    () => world.told,
    (told) => told.length >= all.length,
  )
  expect(world.told.map(({ event: { id } }) => id)).toEqual(all.map(({ id }) => id))
  expect((await handle.describe()).runId).not.toBe(first)
})

function event(project: string, id: string): Announcement {
  const rest = { environment: 'prod', revision: rev('A'), tag: 'v1.0.0', version: null, epoch: 1, at: Date.now(), text: 'v1.0.0 runs' }
  return { id, kind: 'live', project, ...rest }
}
