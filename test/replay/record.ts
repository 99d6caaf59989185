import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { ANNOUNCED } from '../../domain/announcer/announcement.ts'
import type { AnnouncerInput } from '../../workflows/announcer.ts'
import { announcerId, driftScheduleId, evidenceId } from '../../workflows/ids.ts'
import {
  announcerQuery,
  confirmUpdate,
  lookSignal,
  overrideUpdate,
  reviewUpdate,
  requestSignal,
  settingsChangedSignal,
  type PlanInput,
} from '../../workflows/messages.ts'
import { MAIN_QUEUE } from '../../workflows/queues.ts'
import { permanent, transient } from '../../activities/failure.ts'
import type { Action } from '../../domain/authorise.ts'
import { RIGHTS, signedBy, withPolicy } from '../fakes/signed.ts'
import { ARTICLE_ENVIRONMENTS, failsTransiently, listening, rev, sha256, until, World } from '../fakes/world.ts'
import { openEstate } from '../e2e/estate.ts'
import { beginShortLived, openStage, type Stage } from '../workflows/harness.ts'
import { confirm, release, throughAlpha } from '../workflows/release.ts'
import { HISTORIES, saveHistories } from './histories.ts'

/**
 * Records the histories that replay.test.ts holds new workflow code against: real Temporal, real workflows, and a world in
 * memory or the lab's real parts. Run on purpose only (see CONTRIBUTING.md): a history that does not replay any more is a break to repair.
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

/**
 * What comes after a release: merged back with a conflict that a person solves, the next one rolled back and mended by a
 * hotfix, a hotfix of a finished version while the next one is on alpha, and what lacks it held.
 */
async function wholeLife(scenario: string, continueAfterEvents?: number): Promise<void> {
  const finish = { kind: 'finish', mergedAs: null, target: null } as const
  const world = new World('website')
  world.push('develop', 'A')
  world.push('master', 'A')
  await staged(scenario, world, async (stage) => {
    await stage.begin(continueAfterEvents)
    await release(stage, world, '1.0.0')
    await confirm(stage, '1.0.0')
    world.conflicting.add('develop')
    await stage.say('1.0.0', finish)
    await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.some(({ detail }) => detail.includes('conflicts')),
    )
    // Looked at often enough that its history continues as new, where it is to be short.
    for (let looks = 0; looks < 12; looks++) {
      const merges = world.calls.get('mergeInto') ?? 0
      await stage.handle.mergeBack('v1.0.0').signal(lookSignal)
      await until(
        () => world.calls.get('mergeInto') ?? 0,
        (count) => count > merges,
      )
    }
    world.push('develop', 'solved')
    world.parents.set(world.refs.get('refs/heads/develop')!, [world.refs.get('refs/tags/v1.0.0')!])
    world.conflicting.clear()
    await stage.hint()
    await stage.phase('1.0.0', 'finished')

    world.push('develop', 'B')
    await release(stage, world, '1.1.0')
    await stage.rollback('prod', 1)
    await stage.runs('prod', 'v1.0.0')
    await stage.phase('1.1.0', 'rolledBack')
    await stage.say('1.1.0', { kind: 'hotfix' })
    world.push('release-1.1.0', 'B1')
    await stage.hint()
    await throughAlpha(stage, world, '1.1.0')
    await stage.say('1.1.0', { kind: 'tag', revision: null })
    await stage.approve('prod')
    await stage.runs('prod', 'v1.1.0-hotfix1')
    await stage.phase('1.1.0', 'live')
    await confirm(stage, '1.1.0')
    await stage.say('1.1.0', finish)
    await stage.phase('1.1.0', 'finished')

    world.push('develop', 'C')
    await stage.start('1.2.0')
    await stage.hint()
    await stage.runs('integration', `develop.${world.refs.get('refs/heads/develop')!.slice(0, 8)}`)
    await stage.say('1.2.0', { kind: 'cut', without: [] })
    await until(
      () => stage.environment('alpha'),
      ({ state }) => state.current?.version === '1.2.0',
    )
    await stage.open('1.1.0', 'hotfix')
    await stage.say('1.1.0', { kind: 'hotfix' })
    world.push('release-1.1.0', 'B2')
    await stage.hint()
    await throughAlpha(stage, world, '1.1.0')
    await stage.say('1.1.0', { kind: 'tag', revision: null })
    await stage.approve('prod')
    await stage.runs('prod', 'v1.1.0-hotfix2')
    await throughAlpha(stage, world, '1.2.0')
    await stage.say('1.2.0', { kind: 'tag', revision: null })
    const { waits } = await until(
      () => stage.environment('prod'),
      (view) => view.waits.some(({ kind }) => kind === 'lacks'),
    )
    await stage.override('prod', 'v1.2.0', waits.find(({ kind }) => kind === 'lacks')?.hash ?? '')
    await stage.approve('prod')
    await stage.runs('prod', 'v1.2.0')
    await stage.phase('1.2.0', 'live')
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

/** What asks the target: a plan of a candidate, and of what was rendered before. */
async function plans(): Promise<void> {
  const world = new World('planned')
  const revision = world.push('release-1.0.0', 'A')
  await staged('planned', world, async ({ client }) => {
    const images = ['api', 'website'].map((service) => {
      const inputs = sha256(service)
      return { service, repository: `eap/${service}`, digest: `sha256:${inputs}`, inputs, reused: false }
    })
    const candidate = { revision, images, configHash: sha256('slipway.yaml') }
    const tag = 'v1.0.0'
    const content = `sha256:${sha256('content')}`
    const snapshot = {
      hash: sha256('v1'),
      candidate,
      tag,
      target: 'kustomize',
      content,
      configHash: candidate.configHash,
      estateHash: sha256('e'),
    } as const
    const run = (id: number, what: PlanInput['what'], current: PlanInput['current']) => {
      const input: PlanInput = { project: 'planned', environment: 'alpha', what, current }
      return client.workflow.execute('plan', {
        taskQueue: 'slipway',
        workflowId: `slipway/planned/plan/${id}`,
        args: [input],
        staticSummary: 'plan',
      })
    }
    await run(1, { kind: 'candidate', candidate, tag }, null)
    await run(2, { kind: 'snapshot', snapshot }, { epoch: 1, snapshot })
  })
}

const short = (name: string) => rev(name).slice(0, 8)

function failing(activity: string, failure: () => Error, times = Number.POSITIVE_INFINITY): World['before'] {
  let left = times
  return (name) => {
    if (name === activity && left-- > 0) throw failure()
  }
}

/** A target that somebody changes by hand: seen by the schedule's look and by a person's, and put back. */
async function drifted(): Promise<void> {
  const world = new World('website')
  world.push('develop', 'A')
  await staged('drifted', world, async (stage) => {
    await stage.begin()
    await stage.runs('integration', `develop.${short('A')}`)
    await stage.inspect('integration')
    const change = { field: 'image', expected: 'a', found: 'b', by: null, at: null }
    world.drifts.set('integration', [{ object: 'service website', ...change }])
    await stage.client.workflow.execute('lookForDrift', {
      taskQueue: MAIN_QUEUE,
      workflowId: driftScheduleId('website', 'integration'),
      args: [{ project: 'website', environment: 'integration' }],
    })
    await until(
      () => stage.environment('integration'),
      ({ state }) => state.drift?.findings.length === 1,
    )
    await stage.rollback('integration', 1)
    await until(
      () => stage.environment('integration'),
      ({ state }) => state.current?.epoch === 2,
    )
    await stage.inspect('integration')
  })
}

/** Deployments that stand still, that are told to, and that wait: hooks and a person's word, holds, a way back while one runs. */
async function stood(): Promise<void> {
  const world = new World('website')
  const hook = (name: string, when: 'before' | 'after') =>
    ({ name, when, kind: 'command', content: `sha256:${'0'.repeat(64)}`, timeoutSeconds: 60 }) as const
  world.push('develop', 'A')
  await staged('stood', world, async (stage) => {
    const push = async (name: string) => {
      world.push('develop', name)
      await stage.hint()
    }
    const halted = () =>
      until(
        () => stage.environment('integration'),
        ({ state }) => state.running?.halt !== undefined,
      )
    await stage.begin()
    await stage.runs('integration', `develop.${short('A')}`)

    world.plannedHooks.set('integration', { hooks: [hook('migrate', 'before'), hook('smoke', 'after')] })
    world.hookEnds.set('migrate 1', 'fails')
    world.hookEnds.set('smoke 1', 'unknown')
    await push('B')
    await halted()
    await stage.resolve('integration', 'retry')
    await until(
      () => stage.environment('integration'),
      ({ state }) => state.running?.halt?.step === 'after',
    )
    await stage.resolve('integration', 'skip')
    await stage.runs('integration', `develop.${short('B')}`)

    await stage.lock('integration')
    world.hookEnds.clear()
    world.hookEnds.set('smoke', 'fails')
    await push('C')
    await until(
      () => stage.environment('integration'),
      ({ waits }) => waits.some(({ kind }) => kind === 'locked'),
    )
    await stage.unlock('integration')
    await halted()
    await stage.resolve('integration', 'rollback')
    await until(
      () => stage.environment('integration'),
      ({ state }) => state.parked !== null,
    )

    world.hookEnds.clear()
    const verifying = world.hold('verify')
    await push('D')
    await verifying.reached
    await stage.rollback('integration', 1)
    await until(
      () => stage.environment('integration'),
      ({ state }) => state.running?.request.rollback !== undefined || state.current?.epoch === 5,
    )
    verifying.release()
    await stage.runs('integration', `develop.${short('A')}`)
  })
}

/** A sprint that ends begins its evidence; somebody reads a page of it. */
async function ended(): Promise<void> {
  const world = new World('website')
  world.push('develop', 'A')
  await staged('ended', world, async (stage) => {
    await stage.begin()
    await stage.start('1.0.0')
    await stage.say('1.0.0', { kind: 'abort', reason: 'recorded to its end' })
    await until(
      () => world.calls.get('exportEvidence') ?? 0,
      (count) => count > 0,
    )
    await stage.client.workflow.getHandle(evidenceId('website', '1.0.0')).result()
    await stage.client.workflow.execute('readContent', {
      taskQueue: MAIN_QUEUE,
      workflowId: 'slipway/website/readContent/1',
      args: [{ project: 'website', digest: `sha256:${'0'.repeat(64)}`, offset: 0 }],
      staticSummary: 'readContent',
    })
  })
}

/** Words that have to be signed: denied without, two approvals, one of them taken back, one that lapses, and a sprint that hears. */
async function signed(): Promise<void> {
  const world = new World('website', withPolicy({ count: 2 }), RIGHTS)
  world.push('develop', 'A')
  await staged('signed', world, async (stage) => {
    const prod = stage.handle.environment('prod')
    const say = (who: string, action: Action, message: object) =>
      prod.executeUpdate<unknown, [object]>(action, { args: [signedBy(world, who, 'environment/prod', action, message)] })
    await stage.begin()
    await stage.runs('integration', `develop.${short('A')}`)
    const begin = { version: '1.0.0', features: [] }
    await stage.start('1.0.0')
    await stage.handle.repository.executeUpdate<unknown, [object]>('startSprint', {
      args: [signedBy(world, 'rita', 'repository', 'startSprint', begin)],
    })
    const command = { kind: 'cut', without: [] }
    await stage.say('1.0.0', { kind: 'cut', without: [] })
    await stage.handle.sprint('1.0.0').executeUpdate<unknown, [object]>('command', {
      args: [signedBy(world, 'rita', 'sprint/1.0.0', 'cut', { command })],
    })
    const image = { service: 'api', repository: 'eap/api', digest: `sha256:${sha256('A')}`, inputs: sha256('in A'), reused: false }
    const candidate = { revision: rev('A'), images: [image], configHash: sha256('slipway.yaml') }
    const by = { kind: 'automation', name: 'sprint 1.0.0' } as const
    const wish = { id: 'v1.0.0', candidate, tag: 'v1.0.0', version: null, by, at: 1, rewritten: false }
    await say('quinn', 'lock', { reason: 'not yet' })
    await prod.signal(requestSignal, wish)
    const { request, hash } = await stage.vote('prod')
    const vote = { request, hash, reason: 'looked at it' }
    await prod.signal('approve', { ...vote, by: 'anne' })
    await stage.approve('prod')
    await say('anne', 'approve', vote)
    await say('bob', 'approve', vote)
    await say('bob', 'withdrawApproval', vote)
    world.settings = { ...world.settings, environments: withPolicy({ count: 2, expiresMs: 1500 }) }
    await prod.signal(settingsChangedSignal)
    await until(
      () => stage.environment('prod'),
      ({ state }) => state.entries.some(({ event }) => event === 'lapsed'),
    )
    world.settings = { ...world.settings, environments: withPolicy({ count: 2 }) }
    await say('rita', 'unlock', { reason: 'now' })
    await say('anne', 'approve', vote)
    await prod.signal('approve', signedBy(world, 'bob', 'environment/prod', 'approve', vote))
    await stage.runs('prod', 'v1.0.0')
  })
}

/** A release whose plan moves after its approval, and which waits for the end of a freeze until somebody breaks it. */
async function frozen(): Promise<void> {
  const rollbacks = 'pass' as const
  const world = new World(
    'website',
    ARTICLE_ENVIRONMENTS.map((each) => ({ ...each, freeze: { rollbacks } })),
  )
  let isFrozen = true
  const closed = (now: number) => ({
    open: !isFrozen,
    windows: isFrozen ? [{ name: 'weekend', kind: 'deny' as const, reason: 'nobody is there' }] : [],
    until: isFrozen ? now + 1_000 : null,
    untilWords: isFrozen ? 'Monday 08:00 Europe/Berlin' : null,
    rollbacks,
  })
  world.freezes.set('integration', closed)
  world.push('develop', 'A')
  await staged('frozen', world, async (stage) => {
    const waits = (name: string, kind: string) =>
      until(
        () => stage.environment(name),
        (view) => view.waits.some((wait) => wait.kind === kind),
      )
    await stage.begin()
    await waits('integration', 'freeze')
    isFrozen = false
    await stage.start('1.0.0')
    await stage.runs('integration', `develop.${short('A')}`)
    await stage.say('1.0.0', { kind: 'cut', without: [] })
    await throughAlpha(stage, world, '1.0.0')
    await stage.say('1.0.0', { kind: 'tag', revision: null })
    const { request, hash } = await stage.vote('prod')
    const prod = stage.handle.environment('prod')
    await prod.executeUpdate(reviewUpdate, { args: [{ request }] })
    const rendering = world.hold('prepare', ({ environment }: { environment: string }) => environment === 'prod')
    await stage.approve('prod')
    await rendering.reached
    world.changedByHand.set('prod', [{ object: 'configmap/settings', change: 'delete', diff: null, note: null }])
    rendering.release()
    await until(
      () => stage.environment('prod'),
      ({ state }) => state.entries.some(({ event }) => event === 'lapsed'),
    )
    isFrozen = true
    world.freezes.set('prod', (now) => ({ ...closed(now), until: null, untilWords: null }))
    await prod.executeUpdate(reviewUpdate, { args: [{ request }] })
    await stage.approve('prod')
    await waits('prod', 'freeze')
    const by = { kind: 'person', name: 'anne', verified: false } as const
    await prod.executeUpdate(overrideUpdate, { args: [{ request, hash, by, reason: 'the shop is down', freeze: true }] })
    await stage.runs('prod', 'v1.0.0')
    await prod.executeUpdate(confirmUpdate, { args: [{ epoch: 1, by: { ...by, name: 'ben' }, reason: 'it had to be' }] })
  })
}

/** Release notes asked for, and a release page made. */
async function noted(): Promise<void> {
  await staged('noted', new World('small'), async ({ client }) => {
    const run = (type: string, input: object) =>
      client.workflow.execute(type, { taskQueue: MAIN_QUEUE, workflowId: `slipway/small/${type}/1`, args: [input], staticSummary: type })
    await run('notes', { project: 'small', name: '1.0.0' })
    await run('releasePage', { project: 'small', tag: 'v1.0.0' })
  })
}

/** What happened is told to somebody who does not always answer, and to somebody who is gone; the announcer continues as new. */
async function announced(): Promise<void> {
  const world = listening(new World('website'))
  const everything = { kinds: ANNOUNCED, environments: null, retrySeconds: 600 }
  world.addressees = ['flaky', 'gone'].map((name) => ({ name, ...everything }))
  let attempts = 0
  world.before = (activity, input) => {
    if (activity !== 'announce') return
    if ((input as { to: string }).to === 'gone') throw permanent('Refused', 'The notification gone was refused with 410.')
    if (++attempts === 3) throw transient('The notification flaky was answered with 500.')
  }
  world.push('develop', 'A')
  await staged('announced', world, async (stage) => {
    const args: [AnnouncerInput] = [{ project: 'website', continueAfterEvents: 60 }]
    const common = { taskQueue: MAIN_QUEUE, staticSummary: 'tells others what happens in website' }
    await stage.client.workflow.start('announcer', { ...common, workflowId: announcerId('website'), args })
    await stage.begin()
    await release(stage, world, '1.0.0')
    await until(
      () => stage.client.workflow.getHandle(announcerId('website')).query(announcerQuery),
      ({ pending, sent }) => pending.length === 0 && sent > 10,
    )
  })
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

/** On real parts: a build that fails, a release, and every entity in one run after another meanwhile. */
async function renewed(): Promise<void> {
  const project = 'renewed'
  const estate = await openEstate(project, 50)
  try {
    await beginShortLived(estate.client, { project, environments: ARTICLE_ENVIRONMENTS }, 60)
    await estate.worker.start()
    const runs = async (environment: string, branch: string) =>
      estate.runs(environment, `${branch}.${(await estate.git('rev-parse', branch)).slice(0, 8)}`, 120_000)
    await runs('integration', 'develop')
    const dockerfile = await readFile(join(estate.sample.folder, 'website', 'Dockerfile'), 'utf8')
    await estate.change('develop', 'website/Dockerfile', `${dockerfile}RUN false\n`)
    await until(
      () => estate.repository(),
      ({ builds }) => builds.some(({ status }) => status === 'failed'),
      120_000,
    )
    await estate.change('develop', 'website/Dockerfile', `${dockerfile}# mended\n`)
    await runs('integration', 'develop')
    await estate.start('1.0.0')
    await estate.say('1.0.0', { kind: 'cut', without: [] })
    await estate.git('fetch', '--quiet', 'origin')
    await estate.change('release-1.0.0', 'website/VERSION', '1.0.1\n')
    await runs('alpha', 'release-1.0.0')
    await estate.signOff('alpha', 'pass')
    await estate.say('1.0.0', { kind: 'tag', revision: null })
    await until(
      () => estate.approve('prod'),
      ({ ok }) => ok,
    )
    await estate.runs('prod', 'v1.0.0', 120_000)
    await estate.phase('1.0.0', 'live', 60_000)
    await saveHistories(project, estate.client)
  } finally {
    await estate.close()
  }
}

const ROOT = join(import.meta.dirname, '..', '..')

/** What happens on real parts keeps its histories when it is asked to. */
async function onRealParts(scenario: string, test: string): Promise<void> {
  await execa(join(ROOT, 'node_modules', '.bin', 'vitest'), ['run', test], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { SLIPWAY_RECORD: scenario },
  })
}

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  whole: wholeSprint,
  continued: continuedSprint,
  asked: shortOnes,
  planned: plans,
  life: () => wholeLife('life'),
  lasting: () => wholeLife('lasting', 50),
  drifted,
  stood,
  ended,
  noted,
  announced,
  signed,
  frozen,
  real: () => onRealParts('real', 'test/e2e/sprint.test.ts'),
  renewed,
}

// Only what is named is recorded anew: what an earlier version recorded stays as it is.
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => SCENARIOS[name] === undefined)
if (chosen.length === 0 || unknown.length > 0) {
  process.stderr.write(`name what to record: ${Object.keys(SCENARIOS).join(', ')}\n`)
  process.exit(2)
}
await mkdir(HISTORIES, { recursive: true })
for (const name of chosen) {
  for (const file of await readdir(HISTORIES)) if (file.includes(`-${name}-`)) await rm(join(HISTORIES, file))
  await SCENARIOS[name]!()
}
process.exit(0)
