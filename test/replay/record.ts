import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { permanent } from '../../activities/failure.ts'
import { failsTransiently, rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from '../workflows/harness.ts'
import { HISTORIES, saveHistories } from './histories.ts'

/**
 * Records the histories that replay.test.ts holds new workflow code against: real Temporal, real workflows, a world in
 * memory. Run on purpose only (see CONTRIBUTING.md): a history that does not replay any more is a break to repair.
 */

/** One sprint, all the way, with what goes wrong in life. */
async function wholeSprint(): Promise<void> {
  const world = new World('website')
  world.push('develop', 'A')
  await staged('whole', world, async (stage) => {
    await stage.begin()
    await stage.runs('integration', `develop.${short('A')}`)
    await stage.start('1.0.0', ['feature/greeting'])

    world.before = failing('buildImage', () =>
      permanent('BuildFailed', 'the Dockerfile failed at step 3', { log: null, lastLines: ['no'] }),
    )
    world.push('feature/greeting', 'F')
    world.push('develop', 'B', ['F'])
    await stage.hint()
    await until(
      () => stage.repository(),
      ({ builds }) => builds.some((build) => build.status === 'failed'),
    )
    world.before = failsTransiently('apply', 1)
    world.push('develop', 'C')
    await stage.hint()
    await stage.runs('integration', `develop.${short('C')}`)

    await stage.say('1.0.0', { kind: 'cut', without: [] })
    await stage.runs('alpha', `release-1.0.0.${short('C')}`)
    await stage.signOff('alpha', 'fail')
    world.before = failing('verify', () => permanent('RolloutFailed', 'website: CrashLoopBackOff', { observed: ['exit code 1'] }), 1)
    world.push('release-1.0.0', 'D')
    await stage.hint()
    await until(
      () => stage.environment('alpha'),
      ({ state }) => state.parked?.target === 'restored',
    )
    await stage.retry('alpha')
    await stage.runs('alpha', `release-1.0.0.${short('D')}`)
    await stage.signOff('alpha', 'pass')
    await until(
      () => stage.say('1.0.0', { kind: 'tag', revision: null }),
      (answer) => answer.ok,
    )
    await stage.reject('prod')
    await stage.phase('1.0.0', 'stabilising')
    await stage.retry('prod')
    await stage.approve('prod')
    await stage.runs('prod', 'v1.0.0')
    await stage.phase('1.0.0', 'live')
  })
}

/** The same entities, each continuing as new every few dozen events, also while a deployment runs. */
async function continuedSprint(): Promise<void> {
  const world = new World('shop')
  world.push('develop', 'A')
  await staged('continued', world, async (stage) => {
    await stage.begin(40)
    await stage.start('1.0.0')
    await stage.runs('integration', `develop.${short('A')}`)
    await stage.say('1.0.0', { kind: 'cut', without: [] })
    await stage.runs('alpha', `release-1.0.0.${short('A')}`)
    for (const name of ['B', 'C', 'D']) {
      world.before = failsTransiently('verify', 1)
      world.push('release-1.0.0', name)
      await stage.hint()
      await stage.runs('alpha', `release-1.0.0.${short(name)}`)
    }
    await stage.signOff('alpha', 'pass')
    await until(
      () => stage.say('1.0.0', { kind: 'tag', revision: null }),
      (answer) => answer.ok,
    )
    await stage.approve('prod')
    await stage.runs('prod', 'v1.0.0')
    await stage.phase('1.0.0', 'live')
    await stage.say('1.0.0', { kind: 'abort', reason: 'recorded to its end' })
  })
}

/** What asks and ends: doctor, a page of a log, cleaning. */
async function shortOnes(): Promise<void> {
  const world = new World('small')
  await staged('asked', world, async ({ client }) => {
    const run = (type: string, input: object) =>
      client.workflow.execute(type, { taskQueue: 'slipway', workflowId: `slipway/small/${type}/1`, args: [input], staticSummary: type })
    await run('doctor', { project: 'small', environments: null })
    await run('readLog', { project: 'small', digest: `sha256:${'0'.repeat(64)}`, offset: 0 })
    await run('clean', { project: 'small' })
  })
}

const short = (name: string) => rev(name).slice(0, 8)

function failing(activity: string, failure: () => Error, times = Number.POSITIVE_INFINITY): World['before'] {
  let left = times
  return (name) => {
    if (name === activity && left-- > 0) throw failure()
  }
}

async function staged(scenario: string, world: World, play: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage(world)
  try {
    await play(stage)
    await saveHistories(scenario, stage.client)
  } finally {
    await stage.close()
  }
}

await rm(HISTORIES, { recursive: true, force: true })
await mkdir(HISTORIES, { recursive: true })
await wholeSprint()
await continuedSprint()
await shortOnes()

// The same on real parts: the end-to-end sprint keeps its histories when it is asked to.
const root = join(import.meta.dirname, '..', '..')
await execa(join(root, 'node_modules', '.bin', 'vitest'), ['run', 'test/e2e/sprint.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { SLIPWAY_RECORD: 'real' },
})
process.exit(0)
