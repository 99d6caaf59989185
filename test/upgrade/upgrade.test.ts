import type { History } from '@temporalio/common/lib/proto-utils.js'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { workflowBundle } from '../../worker/bundle.ts'
import { environmentId, repositoryId, sprintId } from '../../workflows/ids.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openHouse, type Bundle, type Scene } from '../workflows/harness.ts'
import { workflowsOf } from './workflows-of.ts'

/**
 * Sprints that workers of an older version began, and brought to different places, go on with the workers of today. Each
 * project is one story: what there was before the upgrade, and how it goes on.
 */

type Story = { readonly world: World; readonly stage: Scene }
/** What the older version brings about, and what becomes of it under this one. */
type Course = { readonly before: (story: Story) => Promise<void>; readonly after: (story: Story) => Promise<void> }

const EVENTS = 40
const short = (name: string) => rev(name).slice(0, 8)
const accepted = { ok: true }

const COURSES: Record<string, Course> = {
  integrating: {
    before: async ({ stage, world }) => {
      await stage.begin()
      await stage.start('1.0.0', ['feature/x'])
      await stage.runs('integration', `develop.${short('A')}`)
      world.push('feature/x', 'X')
    },
    after: async (story) => {
      const { stage, world } = story
      world.push('develop', 'B', ['X'])
      await stage.hint()
      await stage.runs('integration', `develop.${short('B')}`)
      await cut(story, '1.0.0')
      await throughAlpha(story, '1.0.0')
      await releaseAndFinish(story, '1.0.0')
    },
  },

  // A candidate that did not become healthy is parked on alpha, which has two deployments behind it.
  parked: {
    before: async (story) => {
      const { stage, world } = story
      await stabilise(story, '1.0.0')
      world.push('release-1.0.0', 'B')
      await stage.hint()
      await stage.runs('alpha', `release-1.0.0.${short('B')}`)
      world.unhealthy.add(`release-1.0.0.${short('C')}`)
      world.push('release-1.0.0', 'C')
      await stage.hint()
      await until(
        () => stage.environment('alpha'),
        ({ state }) => state.parked?.target === 'restored',
      )
    },
    after: async (story) => {
      const { stage, world } = story
      const { state } = await stage.environment('alpha')
      expect(state.parked).toMatchObject({ epoch: 3, request: { tag: `release-1.0.0.${short('C')}` } })
      expect(state.past.map(({ epoch }) => epoch)).toEqual([1])
      expect(await stage.rollback('alpha', 1)).toMatchObject(accepted)
      await stage.runs('alpha', `release-1.0.0.${short('A')}`)
      world.unhealthy.clear()
      world.push('release-1.0.0', 'D')
      await stage.hint()
      await throughAlpha(story, '1.0.0')
      await releaseAndFinish(story, '1.0.0')
    },
  },

  // QA's word is given, the tag is made, and nobody approved yet.
  releasing: {
    before: async (story) => {
      await stabilise(story, '1.0.0')
      await throughAlpha(story, '1.0.0')
      expect(await story.stage.say('1.0.0', { kind: 'tag', revision: null })).toMatchObject(accepted)
      await story.stage.vote('prod')
    },
    after: async (story) => {
      const { stage } = story
      expect((await stage.sprint('1.0.0')).state).toMatchObject({ phase: 'releasing', release: { tag: 'v1.0.0' } })
      expect(await stage.approve('prod')).toMatchObject(accepted)
      await liveAndFinish(story, '1.0.0', 'v1.0.0')
    },
  },

  // Two releases: the older version could only abort the first when it was live.
  live: {
    before: async (story) => {
      const { stage, world } = story
      await stabilise(story, '1.0.0')
      await release(story, '1.0.0')
      await stage.say('1.0.0', { kind: 'abort', reason: 'released' })
      world.push('develop', 'B')
      await stage.hint()
      await stage.start('1.1.0')
      await stage.runs('integration', `develop.${short('B')}`)
      await cut(story, '1.1.0')
      await release(story, '1.1.0')
    },
    after: async (story) => {
      const { stage, world } = story
      const built = world.builds.length
      const before = (await stage.environment('prod')).state
      expect(before).toMatchObject({ epoch: 2, current: { tag: 'v1.1.0' }, past: [{ epoch: 1, tag: 'v1.0.0' }] })
      // A sprint is heard of by its environments once it has heard something itself under the new version.
      await stage.signOff('prod', 'fail')
      await until(
        () => stage.environment('prod'),
        ({ state }) => state.followers.some(({ version }) => version === '1.1.0'),
      )
      expect(await stage.rollback('prod', 1)).toMatchObject({ ok: true, text: 'prod goes back to v1.0.0 (epoch 1)' })
      const { state } = await stage.runs('prod', 'v1.0.0')
      expect(state.current).toMatchObject({ epoch: 3, snapshot: before.past[0]?.snapshot })
      expect(world.builds).toHaveLength(built)
      await stage.phase('1.1.0', 'rolledBack')

      expect(await stage.say('1.1.0', { kind: 'hotfix' })).toMatchObject(accepted)
      world.push('release-1.1.0', 'B1')
      await stage.hint()
      await throughAlpha(story, '1.1.0')
      await releaseAndFinish(story, '1.1.0', 'v1.1.0-hotfix1')
      // What the older version aborted, because it had no other end, takes a hotfix as well.
      expect(await stage.open('1.0.0', 'hotfix')).toMatchObject(accepted)
      await stage.phase('1.0.0', 'live')
    },
  },

  // Everything continues as new every few events; a deployment is at work when the old workers end.
  continued: {
    before: async (story) => {
      const { stage, world } = story
      await stabilise(story, '1.0.0', EVENTS)
      for (const name of ['B', 'C']) {
        world.push('release-1.0.0', name)
        await stage.hint()
        await stage.runs('alpha', `release-1.0.0.${short(name)}`)
      }
      const held = world.hold('apply')
      world.push('release-1.0.0', 'D')
      await stage.hint()
      await held.reached
      releaseHeld = held.release
    },
    after: async (story) => {
      const { stage } = story
      const { epoch, past } = (await stage.environment('alpha')).state
      const deny = () => stage.handle.environment('alpha').signal('approve', {})
      releaseHeld()
      await stage.runs('alpha', `release-1.0.0.${short('D')}`)
      await untilContinued(story, environmentId('continued', 'alpha'), deny)
      await untilContinued(story, sprintId('continued', '1.0.0'), () => stage.say('1.0.0', { kind: 'cut', without: [] }))
      await untilContinued(story, repositoryId('continued'), stage.hint)
      const { state } = await stage.environment('alpha')
      expect(state.epoch).toBe(epoch)
      expect(state.past.map((deployed) => deployed.epoch)).toEqual([epoch - 1, ...past.map((deployed) => deployed.epoch)])
      await throughAlpha(story, '1.0.0')
      await releaseAndFinish(story, '1.0.0')
    },
  },
}
let releaseHeld = () => {}

const worlds = new Map(Object.keys(COURSES).map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>
let today: Bundle

beforeAll(async () => {
  today = await workflowBundle()
  house = await openHouse([...worlds.values()], undefined, workflowsOf('before'))
})
afterAll(() => house.close())

const stories = () =>
  Object.entries(COURSES).map(([project, course]) => {
    const world = worlds.get(project)!
    return { project, course, story: { world, stage: house.stage(world) } }
  })

test('workers of an older version bring sprints to where they stand', { timeout: 180_000 }, async () => {
  await Promise.all(
    stories().map(async ({ course, story }) => {
      story.world.push('develop', 'A')
      story.world.push('master', 'A')
      await course.before(story)
    }),
  )
  // It is the older version: it knows no rollback.
  await expect(stories()[0]!.story.stage.rollback('integration', 1)).rejects.toThrow()
})

test('with the workers of today they go on, to their end', { timeout: 240_000 }, async () => {
  await house.restartWorkers(today)
  await Promise.all(stories().map(async ({ course, story }) => await course.after(story)))
})

test('what both versions wrote replays, and was built and put there once', { timeout: 120_000 }, async () => {
  for (const { world, stage } of stories().map(({ story }) => story)) {
    await stage.assertHistories()
    expect(new Set(world.builds).size).toBe(world.builds.length)
    for (const { name } of world.settings.environments) {
      const epochs = world.applied.filter(({ environment }) => environment === name).map(({ epoch }) => epoch)
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
    }
  }
  expect(await assertReplay(stories().map(({ story }) => story))).toBeGreaterThan(50)
})

/** At which step deployments stand, and what a person says to each after the upgrade. */
const HALTS = {
  'at-hook': { planned: { hooks: [hook('before')] }, hookFails: true, step: 'before', choice: 'retry', puts: ['B'] },
  'at-verifying': {
    planned: { irreversible: { name: 'drop-orders', reason: 'the column is gone' } },
    step: 'verifying',
    choice: 'retry',
    puts: ['B'],
  },
  'at-way-back': { planned: { hooks: [hook('after')] }, hookFails: true, step: 'after', choice: 'rollback', puts: ['A'] },
} as const

test('a deployment that stands at a step under an older version is resolved there under this one', { timeout: 120_000 }, async () => {
  const halted = Object.entries(HALTS).map(([project, halt]) => ({ world: new World(project), halt }))
  const older = await openHouse(
    halted.map(({ world }) => world),
    undefined,
    workflowsOf('halting'),
  )
  try {
    await Promise.all(
      halted.map(async ({ world, halt }) => {
        const stage = older.stage(world)
        world.push('develop', 'A')
        await stage.begin()
        await stage.runs('integration', `develop.${short('A')}`)
        world.plannedHooks.set('integration', halt.planned)
        if ('hookFails' in halt) world.hookEnds.set('migrate 1', 'fails')
        else world.unhealthy.add(`develop.${short('B')}`)
        world.push('develop', 'B')
        await stage.hint()
        await until(
          () => stage.environment('integration'),
          ({ state }) => state.running?.halt?.step === halt.step,
        )
      }),
    )
    await older.restartWorkers(today)
    await Promise.all(
      halted.map(async ({ world, halt }) => {
        const stage = older.stage(world)
        const before = world.applied.length
        world.unhealthy.clear()
        expect(await stage.resolve('integration', halt.choice)).toMatchObject(accepted)
        const { state } = await stage.runs('integration', `develop.${short(halt.choice === 'retry' ? 'B' : 'A')}`)
        expect(state).toMatchObject({ epoch: 2, broken: false })
        expect(world.hooks.map(({ run }) => run)).toEqual('hookFails' in halt ? (halt.choice === 'retry' ? [1, 2] : [1]) : [])
        expect(world.applied.slice(before).map(({ tag, epoch }) => `${epoch} ${tag}`)).toEqual(
          halt.puts.map((name) => `2 develop.${short(name)}`),
        )
        await stage.assertHistories()
      }),
    )
    await assertReplay(halted.map(({ world }) => ({ world, stage: older.stage(world) })))
  } finally {
    await older.close()
  }
})

function hook(when: 'before' | 'after') {
  return { name: 'migrate', when, kind: 'command', content: `sha256:${'0'.repeat(64)}`, timeoutSeconds: 60 } as const
}

/** With the workflows of today. @returns how many histories there were */
async function assertReplay(told: readonly Story[]): Promise<number> {
  const histories: { workflowId: string; history: History }[] = []
  for (const { world, stage } of told)
    for await (const { workflowId, runId } of stage.client.workflow.list({
      query: `WorkflowId STARTS_WITH "slipway/${world.settings.project}/"`,
    }))
      histories.push({ workflowId, history: await stage.client.workflow.getHandle(workflowId, runId).fetchHistory() })
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: today }, histories))
    expect(error, workflowId).toBeUndefined()
  return histories.length
}

async function stabilise(story: Story, version: string, continueAfterEvents?: number): Promise<void> {
  const { stage } = story
  await stage.begin(continueAfterEvents)
  await stage.start(version)
  await stage.runs('integration', `develop.${short('A')}`)
  await cut(story, version)
  await stage.runs('alpha', tagOf(story, version))
}

async function cut({ stage }: Story, version: string): Promise<void> {
  await until(
    () => stage.say(version, { kind: 'cut', without: [] }),
    ({ ok }) => ok,
  )
}

async function release(story: Story, version: string): Promise<void> {
  await throughAlpha(story, version)
  expect(await story.stage.say(version, { kind: 'tag', revision: null })).toMatchObject(accepted)
  await story.stage.approve('prod')
  await story.stage.runs('prod', `v${version}`)
  await story.stage.phase(version, 'live')
}

async function throughAlpha(story: Story, version: string): Promise<void> {
  const { stage } = story
  await stage.runs('alpha', tagOf(story, version), 60_000)
  expect(await stage.signOff('alpha', 'pass')).toMatchObject(accepted)
  await signedOff(story, version, 'alpha', tagOf(story, version).slice(-8))
}

async function releaseAndFinish(story: Story, version: string, tag = `v${version}`): Promise<void> {
  const { stage } = story
  expect(await stage.say(version, { kind: 'tag', revision: null })).toMatchObject({ ok: true, text: expect.stringContaining(tag) })
  expect(await stage.approve('prod')).toMatchObject(accepted)
  await liveAndFinish(story, version, tag)
}

async function liveAndFinish(story: Story, version: string, tag: string): Promise<void> {
  const { stage, world } = story
  await stage.runs('prod', tag, 60_000)
  await stage.phase(version, 'live')
  const revision = world.refs.get(`refs/tags/${tag}`)!
  expect(await stage.signOff('prod', 'pass')).toMatchObject(accepted)
  await signedOff(story, version, 'prod', revision.slice(0, 8))
  expect(await stage.say(version, { kind: 'finish', mergedAs: null, target: null })).toMatchObject(accepted)
  const { state } = await stage.phase(version, 'finished', 60_000)
  expect(state.mergeBack?.targets.map(({ branch, status }) => [branch, status.kind])).toEqual([
    ['develop', 'done'],
    ['master', 'done'],
  ])
  for (const branch of ['develop', 'master']) expect(world.contains(world.refs.get(`refs/heads/${branch}`)!, revision)).toBe(true)
}

/** The sprint knows QA's word. */
async function signedOff({ stage }: Story, version: string, where: string, sha: string): Promise<void> {
  await until(
    () => stage.sprint(version),
    ({ state }) => state.signedOff.some(({ environment, revision }) => environment === where && revision.startsWith(sha)),
  )
}

function tagOf({ world }: Story, version: string): string {
  return `release-${version}.${world.refs.get(`refs/heads/release-${version}`)!.slice(0, 8)}`
}

/** Makes a history grow by messages that change nothing of account, until another run goes on. */
async function untilContinued({ stage }: Story, workflowId: string, say: () => Promise<unknown>): Promise<void> {
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
