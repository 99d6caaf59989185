import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertSummaries } from '../fakes/summaries.ts'
import { until } from '../fakes/world.ts'
import { openEstate, type Estate } from './estate.ts'

/** The whole life of releases on real parts, one thing after another: each test goes on from where the one before left. */
let estate: Estate
const PROJECT = 'life'
const FINISH = { kind: 'finish', mergedAs: null, target: null } as const
const PATIENCE_MS = 90_000
const short = (revision: string) => revision.slice(0, 8)
const serves = (environment: string, text: string, path = '/version') =>
  until(
    () => estate.served(environment, path).catch(String),
    (answer) => answer.includes(text),
    10_000,
  )

beforeAll(async () => {
  estate = await openEstate(PROJECT, 38)
  await estate.worker.start()
})
afterAll(() => estate.close())

test('a release, the next one with another configuration, and the way back to the first', { timeout: 300_000 }, async () => {
  await estate.runs('integration', `develop.${short(await estate.git('rev-parse', 'develop'))}`, PATIENCE_MS)
  await ship('1.0.0', async () => fix('1.0.0', 'website/VERSION', '1.0.1\n'))
  await serves('prod', '1.0.1')
  await finish('1.0.0')

  await pull('develop')
  await replaceIn('deploy/overlays/prod/kustomization.yaml', 'Hello from prod', 'Howdy from prod')
  await push('develop', 'Another greeting')
  await ship('1.1.0', async () => fix('1.1.0', 'website/VERSION', '1.1.1\n'))
  await serves('prod', '1.1.1')
  await serves('prod', 'Howdy', '/')

  const images = await builds()
  const configMaps = await configMapsInUse()
  expect(await estate.rollback('prod', 1, 'it says Howdy')).toMatchObject({ ok: true })
  const { state } = await estate.runs('prod', 'v1.0.0', PATIENCE_MS)
  expect(state.current).toMatchObject({ epoch: 3, rollback: { fromTag: 'v1.1.0' } })
  await serves('prod', '1.0.1')
  await serves('prod', 'Hello from prod', '/')
  expect(await configMapsInUse()).not.toEqual(configMaps)
  expect(await builds()).toBe(images)
  const digest = state.current?.snapshot.candidate.images.find(({ service }) => service === 'website')?.digest ?? 'none'
  expect(await imagesThatRun()).toContain(digest)
  await estate.phase('1.1.0', 'rolledBack')
})

test('a hotfix: its branch, alpha, sign-off, tag, approval, prod', { timeout: 300_000 }, async () => {
  expect(await estate.say('1.1.0', { kind: 'hotfix' })).toMatchObject({ ok: true })
  await estate.git('fetch', '--quiet', 'origin')
  await estate.git('checkout', '--quiet', '-b', 'hotfix/v1.1.0-hotfix1', 'origin/hotfix/v1.1.0-hotfix1')
  await replaceIn('deploy/overlays/prod/kustomization.yaml', 'Howdy from prod', 'Good day from prod')
  await writeFile(join(estate.sample.folder, 'website/VERSION'), '1.1.2\n')
  await push('hotfix/v1.1.0-hotfix1', 'Mind the greeting')
  await pull('release-1.1.0')
  await estate.git('merge', '--quiet', '--no-ff', '--no-edit', 'hotfix/v1.1.0-hotfix1')
  await estate.git('push', '--quiet', 'origin', 'release-1.1.0')
  await estate.phase('1.1.0', 'hotfixing')
  await signedOffOnAlpha('1.1.0')
  expect(await tag('1.1.0')).toContain('v1.1.0-hotfix1')
  await estate.approve('prod')
  await estate.runs('prod', 'v1.1.0-hotfix1', PATIENCE_MS)
  await serves('prod', '1.1.2')
  await serves('prod', 'Good day', '/')
  await estate.phase('1.1.0', 'live')
})

test('the merge-back conflicts with what develop did meanwhile; the printed steps solve it', { timeout: 300_000 }, async () => {
  await pull('develop')
  await writeFile(join(estate.sample.folder, 'website/VERSION'), '1.2.0\n')
  await push('develop', 'The next version begins')
  await confirm('1.1.0')
  expect(await estate.say('1.1.0', FINISH)).toMatchObject({ ok: true })
  expect(await estate.say('1.1.0', FINISH)).toMatchObject({ ok: false, reason: expect.stringContaining('is being merged back already') })
  const { waits } = await until(
    () => estate.sprint('1.1.0'),
    (view) => view.waits.some(({ kind, detail }) => kind === 'mergeBack' && detail.includes('conflicts')),
    PATIENCE_MS,
  )
  expect(waits.find(({ kind }) => kind === 'mergeBack')?.detail).toContain('v1.1.0-hotfix1 conflicts with develop in website/VERSION')
  await until(() => contains('origin/master', 'v1.1.0-hotfix1'), Boolean, PATIENCE_MS)

  const picture = await estate.mergeBack('v1.1.0-hotfix1')
  const status = picture.targets.find(({ branch }) => branch === 'develop')?.status
  const steps = status?.kind === 'person' ? status.steps : []
  for (const step of steps) {
    const ran = await execa('sh', ['-c', step], { cwd: estate.sample.folder, reject: false })
    // The merge stops at the conflict, as the steps say; a person solves it there.
    if (ran.exitCode !== 0) {
      await writeFile(join(estate.sample.folder, 'website/VERSION'), '1.2.0\n')
      await estate.git('add', '--all')
    }
  }
  await estate.phase('1.1.0', 'finished', PATIENCE_MS)
  for (const branch of ['origin/develop', 'origin/master']) expect(await contains(branch, 'v1.1.0-hotfix1'), branch).toBe(true)
})

test(
  'two sprints overlap: alpha is reserved, a hotfix of the older goes first, and prod holds what lacks it',
  { timeout: 400_000 },
  async () => {
    await pull('develop')
    await ship('1.2.0', async () => fix('1.2.0', 'website/VERSION', '1.2.1\n'))
    await finish('1.2.0')
    await pull('develop')
    await writeFile(join(estate.sample.folder, 'api/VERSION'), '1.3.0\n')
    await push('develop', 'The api moves on')
    await cut('1.3.0')
    await until(
      () => estate.environment('alpha'),
      ({ state }) => state.current?.version === '1.3.0' && state.running === null,
      PATIENCE_MS,
    )

    expect(await estate.open('1.2.0', 'hotfix')).toMatchObject({ ok: true })
    expect(await estate.say('1.2.0', { kind: 'hotfix' })).toMatchObject({ ok: true })
    await fix('1.2.0', 'website/VERSION', '1.2.2\n')
    await until(
      () => estate.environment('alpha'),
      ({ state }) => state.current?.version === '1.2.0',
      PATIENCE_MS,
    )
    await fix('1.3.0', 'api/VERSION', '1.3.1\n')
    await until(
      () => estate.sprint('1.3.0'),
      ({ waits }) => waits.some(({ kind, detail }) => kind === 'reserved' && detail.includes('reserved by 1.2.0 (hotfix)')),
      PATIENCE_MS,
    )
    await signedOffOnAlpha('1.2.0')
    await tag('1.2.0')
    await estate.approve('prod')
    await estate.runs('prod', 'v1.2.0-hotfix1', PATIENCE_MS)
    await signedOffOnAlpha('1.3.0')
    await tag('1.3.0')
    const { waits } = await until(
      () => estate.environment('prod'),
      (view) => view.waits.some(({ kind }) => kind === 'lacks'),
      PATIENCE_MS,
    )
    expect(waits.find(({ kind }) => kind === 'lacks')?.detail).toContain('v1.3.0 lacks v1.2.0-hotfix1, 1 commit')
    const vote = waits.find(({ kind }) => kind === 'lacks')
    expect(
      await estate.approveAs({
        request: vote?.request ?? '',
        hash: vote?.hash ?? '',
        by: { kind: 'person', name: 'anne', verified: false },
        reason: null,
      }),
    ).toMatchObject({ ok: false })

    // The hotfix is merged back, into the younger release branch, too; that needs a new sign-off and another tag.
    await finish('1.2.0')
    expect(await contains('origin/release-1.3.0', 'v1.2.0-hotfix1')).toBe(true)
    expect(
      await estate.handle
        .environment('prod')
        .executeUpdate('reject', { args: [{ request: 'v1.3.0', hash: vote?.hash, by: 'anne', reason: 'it lacks the hotfix' }] }),
    ).toMatchObject({ ok: true })
    await estate.phase('1.3.0', 'stabilising', PATIENCE_MS)
    await signedOffOnAlpha('1.3.0')
    expect(await tag('1.3.0')).toContain('v1.3.0-hotfix1')
    await estate.approve('prod')
    await estate.runs('prod', 'v1.3.0-hotfix1', PATIENCE_MS)
    await estate.phase('1.3.0', 'live')
  },
)

test(
  'history that is rewritten: a moved tag is an alarm, a deleted branch is held, a rewritten one loses its sign-off',
  { timeout: 300_000 },
  async () => {
    await finish('1.3.0')
    await pull('develop')
    await writeFile(join(estate.sample.folder, 'website/VERSION'), '1.4.0\n')
    const before = await push('develop', 'Soon rewritten')
    await estate.runs('integration', `develop.${short(before)}`, PATIENCE_MS)
    await estate.git('commit', '--quiet', '--amend', '-m', 'Rewritten')
    await estate.git('push', '--quiet', '--force', 'origin', 'develop')
    const rewritten = await estate.git('rev-parse', 'HEAD')
    await estate.runs('integration', `develop.${short(rewritten)}`, PATIENCE_MS)
    expect(
      (await estate.repository()).entries.some(({ event, text }) => event === 'rewritten' && text.startsWith('develop was rewritten')),
    ).toBe(true)

    await cut('1.4.0')
    const signed = await signedOffOnAlpha('1.4.0')
    await pull('release-1.4.0')
    await estate.git('commit', '--quiet', '--allow-empty', '--amend', '-m', 'Rewritten after the sign-off')
    await estate.git('push', '--quiet', '--force', 'origin', 'release-1.4.0')
    const anew = await estate.git('rev-parse', 'HEAD')
    await until(
      () => estate.sprint('1.4.0'),
      ({ state }) => state.facts.release?.revision === anew && !state.signedOff.some(({ revision }) => revision === signed),
      PATIENCE_MS,
    )

    await estate.git('push', '--quiet', 'origin', '--delete', 'release-1.4.0')
    const { waits } = await until(
      () => estate.sprint('1.4.0'),
      (view) => view.waits.some(({ kind }) => kind === 'remote'),
      PATIENCE_MS,
    )
    expect(waits.find(({ kind }) => kind === 'remote')?.detail).toContain(':refs/heads/release-1.4.0 goes on')
    await estate.git('push', '--quiet', 'origin', `${anew}:refs/heads/release-1.4.0`)
    await signedOffOnAlpha('1.4.0')

    // A wrong tag before its request may be taken back.
    await estate.git('tag', 'v1.4.0', rewritten)
    await estate.git('push', '--quiet', 'origin', 'v1.4.0')
    await until(
      () => estate.sprint('1.4.0'),
      (view) => view.waits.some(({ detail }) => detail.includes('not signed off')),
      PATIENCE_MS,
    )
    await estate.git('push', '--quiet', 'origin', '--delete', 'v1.4.0')
    await estate.git('tag', '--delete', 'v1.4.0')
    await until(
      () => estate.sprint('1.4.0'),
      ({ state }) => state.facts.tags.length === 0,
      PATIENCE_MS,
    )
    await tag('1.4.0')
    await estate.vote('prod')

    // After it, a moved or a deleted tag is an alarm.
    await estate.git('push', '--quiet', '--force', 'origin', `${rewritten}:refs/tags/v1.4.0`)
    const moved = await until(
      () => estate.sprint('1.4.0'),
      (view) => view.waits.some(({ detail }) => detail.startsWith('alarm')),
      PATIENCE_MS,
    )
    expect(moved.waits.find(({ detail }) => detail.startsWith('alarm'))?.detail).toContain(`was moved to ${short(rewritten)}`)
    await until(
      () => estate.environment('prod'),
      ({ state }) => state.waiting.length === 0,
      PATIENCE_MS,
    )
    await estate.git('push', '--quiet', 'origin', '--delete', 'v1.4.0')
    await until(
      () => estate.sprint('1.4.0'),
      (view) => view.waits.some(({ detail }) => detail.startsWith('alarm') && detail.includes('was deleted')),
      PATIENCE_MS,
    )
    expect((await estate.environment('prod')).state.current?.tag).toBe('v1.3.0-hotfix1')
  },
)

test('everything that happened can be read', { timeout: 120_000 }, async () => {
  for await (const { workflowId, runId } of estate.client.workflow.list()) {
    assertSummaries(workflowId, await estate.client.workflow.getHandle(workflowId, runId).fetchHistory())
  }
})

/** The sprint of a version from develop's tip to prod; `mend` pushes a bugfix to its release branch on the way. */
async function ship(version: string, mend: () => Promise<unknown>): Promise<void> {
  await cut(version)
  await mend()
  await signedOffOnAlpha(version)
  await tag(version)
  await estate.approve('prod')
  await estate.runs('prod', `v${version}`, PATIENCE_MS)
  await estate.phase(version, 'live')
}

async function cut(version: string): Promise<void> {
  expect(await estate.start(version)).toMatchObject({ ok: true })
  await estate.git('fetch', '--quiet', 'origin')
  const tip = await estate.git('rev-parse', 'origin/develop')
  await until(
    () => estate.sprint(version),
    ({ state }) => state.facts.develop?.revision === tip,
    PATIENCE_MS,
  )
  expect(await estate.say(version, { kind: 'cut', without: [] })).toMatchObject({ ok: true })
  await estate.git('fetch', '--quiet', 'origin')
}

async function fix(version: string, file: string, text: string): Promise<string> {
  await pull(`release-${version}`)
  await writeFile(join(estate.sample.folder, file), text)
  return push(`release-${version}`, `${file} is ${text.trim()}`)
}

/** The release branch's tip is what alpha runs, and QA says yes. @returns its revision */
async function signedOffOnAlpha(version: string): Promise<string> {
  await estate.git('fetch', '--quiet', 'origin')
  const tip = await estate.git('rev-parse', `origin/release-${version}`)
  await estate.runs('alpha', `release-${version}.${short(tip)}`, PATIENCE_MS)
  expect(await estate.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await until(
    () => estate.sprint(version),
    ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'alpha' && revision === tip),
  )
  return tip
}

async function tag(version: string): Promise<string> {
  const answer = await estate.say(version, { kind: 'tag', revision: null })
  expect(answer).toMatchObject({ ok: true })
  return answer.ok ? answer.text : ''
}

async function confirm(version: string): Promise<void> {
  expect(await estate.signOff('prod', 'pass')).toMatchObject({ ok: true })
  await until(
    () => estate.sprint(version),
    ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'prod' && revision === state.release?.revision),
  )
}

async function finish(version: string): Promise<void> {
  await confirm(version)
  expect(await estate.say(version, FINISH)).toMatchObject({ ok: true })
  await estate.phase(version, 'finished', PATIENCE_MS)
  await estate.git('fetch', '--quiet', '--tags', 'origin')
}

/** The branch as the remote has it, checked out. */
async function pull(branch: string): Promise<void> {
  await estate.git('fetch', '--quiet', '--tags', 'origin')
  await estate.git('checkout', '--quiet', '-B', branch, `origin/${branch}`)
}

async function push(branch: string, message: string): Promise<string> {
  await estate.git('add', '--all')
  await estate.git('commit', '--quiet', '-m', message)
  await estate.git('push', '--quiet', 'origin', branch)
  return estate.git('rev-parse', 'HEAD')
}

async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const path = join(estate.sample.folder, file)
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to))
}

async function contains(branch: string, what: string): Promise<boolean> {
  await estate.git('fetch', '--quiet', '--tags', 'origin')
  const { exitCode } = await execa('git', ['-C', estate.sample.folder, 'merge-base', '--is-ancestor', what, branch], { reject: false })
  return exitCode === 0
}

async function builds(): Promise<number> {
  let count = 0
  for await (const _ of estate.client.workflow.list({ query: 'WorkflowType = "build"' })) count++
  return count
}

function configMapsInUse(): Promise<string> {
  return estate.kubectl('--namespace', `${PROJECT}-prod`, 'get', 'deployment', 'website', '--output', 'jsonpath={..configMapRef.name}')
}

function imagesThatRun(): Promise<string> {
  return estate.kubectl(
    '--namespace',
    `${PROJECT}-prod`,
    'get',
    'pods',
    '--output',
    'jsonpath={.items[*].status.containerStatuses[*].imageID}',
  )
}
