import { afterAll, beforeAll, test } from 'vitest'
import { environment } from '../../config/estate-environment.ts'
import type { Drift } from '../../domain/environment/drift.ts'
import { keepDriftSchedules } from '../../worker/drift-schedules.ts'
import { driftScheduleId } from '../../workflows/ids.ts'
import { inspectSignal } from '../../workflows/messages.ts'
import { failsForGood, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const projects = ['asked', 'scheduled', 'busy', 'long']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

const tag = (name: string) => `develop.${rev(name).slice(0, 8)}`
const at = Date.parse('2026-11-25T22:00:00Z')
const replicas: Drift = { object: 'service website', field: 'image', expected: 'a', found: 'b', by: null, at }

async function begin(project: string, continueAfterEvents?: number): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  world.push('develop', 'A')
  const stage = house.stage(world)
  await stage.begin(continueAfterEvents)
  await stage.runs('integration', tag('A'))
  return { world, stage }
}

const TARGETS = {
  compose: { compose: { host: 'h', directory: '/srv' } },
  kustomize: { kustomize: { cluster: 'c', namespace: 'n' } },
  script: { script: { host: 'h', command: 'deploy.sh' } },
  planning: { script: { host: 'h', command: 'deploy.sh', answers: ['plan'] } },
  telling: { script: { host: 'h', command: 'deploy.sh', answers: ['status'] } },
}
const environmentEstateOf = (target: keyof typeof TARGETS, driftSeconds: number) =>
  environment.parse({ from: 'develop', target: TARGETS[target], driftSeconds })

const seen = (stage: Scene, found: (drift: { findings: readonly Drift[] } | null) => boolean) =>
  until(
    () => stage.environment('integration'),
    ({ state }) => found(state.drift),
  )

test.concurrent('a person asks: what differs is the answer, is remembered, and is put back by the epoch that runs', async ({ expect }) => {
  const { world, stage } = await begin('asked')
  expect(await stage.inspect('integration')).toMatchObject({ ok: true, epoch: 1, tag: tag('A'), findings: [], left: 0, next: [] })
  expect(await stage.rollback('integration', 1)).toMatchObject({ ok: false })

  world.drifts.set('integration', [replicas])
  const answer = await stage.inspect('integration')
  expect(answer).toMatchObject({
    ok: true,
    findings: [replicas],
    next: ['slipway rollback integration --to 1 --reason …', 'slipway env integration'],
  })
  const { state, waits } = await stage.environment('integration')
  expect(waits).toMatchObject([{ kind: 'drift', detail: expect.stringContaining('service website image is b instead of a') }])
  expect(state.entries.at(-1)).toMatchObject({ event: 'drifted' })

  const applied: unknown[] = []
  world.before = (activity, input) => void (activity === 'apply' && applied.push(input))
  expect(await stage.rollback('integration', 1)).toMatchObject({ ok: true })
  const mended = await until(
    () => stage.environment('integration'),
    (view) => view.state.current?.epoch === 2,
  )
  expect(mended.state).toMatchObject({ drift: null, vetoes: [], current: { tag: tag('A') } })
  expect(applied).toMatchObject([{ takeBack: true, fence: { epoch: 2 } }])
  expect(world.applied.map(({ epoch }) => epoch)).toEqual([1, 2])
  expect(await stage.inspect('alpha')).toMatchObject({
    ok: false,
    kind: 'state',
    reason: expect.stringContaining('nothing is verified in alpha'),
  })

  world.before = failsForGood('inspect', 1, 'Refused', 'the cluster forbids it')
  expect(await stage.inspect('integration')).toMatchObject({
    ok: false,
    kind: 'failed',
    reason: expect.stringContaining('the cluster forbids it'),
  })
  await stage.assertHistories()
})

test.concurrent('a look that a deployment overtakes says nothing, and nobody looks while one runs', async ({ expect }) => {
  const { world, stage } = await begin('busy')
  world.drifts.set('integration', [replicas])
  const look = world.hold('inspect')
  const asked = stage.inspect('integration')
  await look.reached
  const verifying = world.hold('verify')
  world.push('develop', 'B')
  await stage.hint()
  await verifying.reached
  look.release()
  expect(await asked).toMatchObject({ ok: false, reason: expect.stringContaining('began while it was looked at') })
  expect(await stage.inspect('integration')).toMatchObject({ ok: false, reason: expect.stringContaining('as epoch 2; look again') })
  const looks = world.calls.get('inspect')
  await stage.handle.environment('integration').signal(inspectSignal)
  verifying.release()
  const { state } = await stage.runs('integration', tag('B'))
  expect(state.drift).toBeNull()
  expect(world.calls.get('inspect')).toBe(looks)
})

test.concurrent('the schedule asks, and what many looks leave does not grow', async ({ expect }) => {
  const { world, stage } = await begin('long', 60)
  world.drifts.set('integration', [replicas])
  // Asked while one is under way, it is that one.
  await until(
    async () => {
      await stage.handle.environment('integration').signal(inspectSignal)
      return world.calls.get('inspect') ?? 0
    },
    (looks) => looks >= 12,
  )
  const { state } = await seen(stage, (drift) => drift !== null && drift.findings.length === 1)
  expect(state.entries.filter(({ event }) => event === 'drifted')).toHaveLength(1)
  const { historyLength, raw } = await stage.handle.environment('integration').describe()
  const { execution, firstRunId } = raw.workflowExecutionInfo ?? {}
  expect(execution?.runId).not.toBe(firstRunId)
  expect(historyLength).toBeLessThan(200)
})

test.concurrent('a schedule for each environment that can be asked, and none for others', async ({ expect }) => {
  const { world, stage } = await begin('scheduled')
  const ids = async () => {
    const found: string[] = []
    for await (const { scheduleId } of stage.client.schedule.list({ query: 'SlipwayProject = "scheduled"' })) found.push(scheduleId)
    return found.toSorted()
  }
  const id = (name: string) => driftScheduleId('scheduled', name)
  const estate = (integration: number, more = {}) => ({ integration: environmentEstateOf('compose', integration), ...more })
  const more = {
    alpha: environmentEstateOf('telling', 900),
    placed: environmentEstateOf('script', 900),
    // It says nothing of drift.
    planning: environmentEstateOf('planning', 900),
    quiet: environmentEstateOf('compose', 0),
  }

  await keepDriftSchedules(stage.client, 'scheduled', estate(900, more))
  expect(await until(ids, (found) => found.length === 2)).toEqual([id('alpha'), id('integration')])
  await stage.client.schedule.getHandle(id('integration')).pause('on holiday')
  const before = await stage.client.schedule.getHandle(id('integration')).describe()
  await keepDriftSchedules(stage.client, 'scheduled', estate(900, more))
  expect((await stage.client.schedule.getHandle(id('integration')).describe()).info.lastUpdatedAt).toEqual(before.info.lastUpdatedAt)

  await keepDriftSchedules(stage.client, 'scheduled', estate(600))
  const after = await stage.client.schedule.getHandle(id('integration')).describe()
  expect(after).toMatchObject({ spec: { intervals: [{ every: 600_000 }] }, state: { paused: true } })
  expect(await until(ids, (found) => found.length === 1)).toEqual([id('integration')])

  world.drifts.set('integration', [replicas])
  await stage.client.schedule.getHandle(id('integration')).trigger()
  await seen(stage, (drift) => drift?.findings.length === 1)
  expect([...(await stage.assertHistories())]).toContain('lookForDrift')
  await keepDriftSchedules(stage.client, 'scheduled', {})
  expect(await until(ids, (found) => found.length === 0)).toEqual([])
})
