import { join } from 'node:path'
import { bundleWorkflowCode } from '@temporalio/worker'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { mergeBackId, sprintId } from '../../workflows/ids.ts'
import { until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'
import { confirm, release } from './release.ts'

const FINISH = { kind: 'finish', mergedAs: null, target: null } as const

let world: World
let stage: Stage
let steered: Awaited<ReturnType<typeof bundleWorkflowCode>>
beforeAll(async () => {
  steered = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '..', '..', 'workflows', 'index.ts'),
    workflowInterceptorModules: [join(import.meta.dirname, '..', 'fakes', 'fast-timers.ts')],
    logger: QUIET,
  })
})
beforeEach(() => {
  world = new World('website')
  world.push('develop', 'A')
  world.push('master', 'A')
})
afterEach(() => stage.close())

const isIn = (branch: string) => world.contains(world.refs.get(`refs/heads/${branch}`)!, world.refs.get('refs/tags/v1.0.0')!)

async function runsOf(workflowId: string): Promise<number> {
  let count = 0
  for await (const _ of stage.client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) count++
  return count
}

test('a person solves the conflict three days later; meanwhile everything has continued as new', { timeout: 180_000 }, async () => {
  stage = await openStage(world, undefined, steered)
  await stage.begin(60)
  await release(stage, world, '1.0.0')
  await confirm(stage, '1.0.0')
  world.conflicting.add('develop')
  await stage.say('1.0.0', FINISH)
  await until(() => isIn('master'), Boolean)

  // The sprint makes it look after 1, 2, 4, … 32 minutes, then each hour: 76 times in three days.
  const looks = () => world.calls.get('mergeInto') ?? 0
  const before = looks()
  await until(looks, (count) => count > before + 76, 120_000)
  expect(await runsOf(mergeBackId('website', 'v1.0.0'))).toBeGreaterThan(2)
  expect(await runsOf(sprintId('website', '1.0.0'))).toBeGreaterThan(2)
  const { state, waits } = await stage.sprint('1.0.0')
  expect(state.phase).toBe('mergingBack')
  expect(waits).toMatchObject([{ kind: 'mergeBack', detail: expect.stringContaining('conflicts with develop') }])

  world.push('develop', 'solved')
  world.parents.set(world.refs.get('refs/heads/develop')!, [world.refs.get('refs/tags/v1.0.0')!])
  await stage.phase('1.0.0', 'finished')
  await stage.assertHistories()
})

test('workers that go and come in the middle push nothing twice', { timeout: 120_000 }, async () => {
  stage = await openStage(world)
  await stage.begin()
  await release(stage, world, '1.0.0')
  await confirm(stage, '1.0.0')
  const held = world.hold('mergeInto', (input: { target: string }) => input.target === 'master')
  await stage.say('1.0.0', FINISH)
  await held.reached
  const develop = world.refs.get('refs/heads/develop')
  const restarted = stage.restartWorkers()
  held.release()
  await restarted
  const { state } = await stage.phase('1.0.0', 'finished')
  expect(state.mergeBack?.targets.map(({ status }) => status.kind)).toEqual(['done', 'done'])
  expect(world.refs.get('refs/heads/develop')).toBe(develop)
})

test('a merge-back whose workflow was terminated is begun anew', { timeout: 180_000 }, async () => {
  stage = await openStage(world, undefined, steered)
  await stage.begin()
  await release(stage, world, '1.0.0')
  await confirm(stage, '1.0.0')
  world.conflicting.add('develop')
  await stage.say('1.0.0', FINISH)
  await until(() => isIn('master'), Boolean)
  await stage.handle.mergeBack('v1.0.0').terminate('by mistake')
  const said = await until(
    () => stage.sprint('1.0.0'),
    ({ waits }) => waits.some(({ detail }) => detail.includes('ended before it was done')),
    90_000,
  )
  expect(said.next).toContain('slipway finish 1.0.0')
  world.conflicting.clear()
  expect(await stage.say('1.0.0', FINISH)).toMatchObject({ ok: true })
  await stage.phase('1.0.0', 'finished')
})

const silent = () => undefined
const QUIET = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent }
