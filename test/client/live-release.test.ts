import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHouse, type Scene } from '../workflows/harness.ts'
import { rev, until as waitUntil, World } from '../fakes/world.ts'
import { run } from '../../client/run.ts'

/** The second half of a release's life, by commands alone, against a real Temporal and the real workflows. */

const world = new World('website')
const byHand = new World('byhand')
let house: Awaited<ReturnType<typeof openHouse>>
let stage: Scene

beforeAll(async () => {
  world.push('master', 'M')
  world.push('develop', 'A')
  house = await openHouse([world, byHand])
  stage = house.stage(world)
  await stage.begin()
})
afterAll(() => house.close())

async function slipway(...argv: string[]) {
  let out = ''
  let err = ''
  const io = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    env: { TEMPORAL_ADDRESS: stage.address, SLIPWAY_USER: 'anne' },
    cwd: '/',
    now: () => Date.now(),
    onInterrupt: () => () => undefined,
  }
  const code = await run(argv.includes('--project') ? argv : ['--project', 'website', ...argv], io)
  return { code, out, err }
}

/** For what has to go well. */
async function done(...argv: string[]): Promise<string> {
  const { code, out, err } = await slipway(...argv)
  expect({ argv, code, err }).toEqual({ argv, code: 0, err: '' })
  return out
}

const until = (version: string, state: string) => done('status', version, '--until', state, '--timeout', '30', '--json')
const short = (name: string) => rev(name).slice(0, 8)

/** From a signed-off candidate to production. */
async function release(version: string, tag: string): Promise<void> {
  await until(version, 'signOff')
  await done('signoff', 'alpha', '--pass')
  expect(await done('tag', version)).toContain(`${tag} names`)
  await until(version, 'approval')
  await done('approve', 'prod')
  await until(version, 'live')
}

test('a release, and a hotfix of it', async () => {
  await done('start', '1.0.0')
  await until('1.0.0', 'cut')
  await done('cut')
  await release('1.0.0', 'v1.0.0')

  expect(await done('hotfix')).toBe(
    `hotfix/v1.0.0-hotfix1 is cut at ${short('A')}; merge it into release-1.0.0 when it is done
  git fetch && git checkout hotfix/v1.0.0-hotfix1
  commit what mends it, and push
  git checkout release-1.0.0 && git pull && git merge hotfix/v1.0.0-hotfix1 && git push
  next: slipway status 1.0.0 --watch
`,
  )
  expect(await slipway('hotfix')).toMatchObject({ code: 3, err: expect.stringContaining('is under way on hotfix/v1.0.0-hotfix1') })
  world.push('release-1.0.0', 'H')
  await done('hint', 'website')
  await release('1.0.0', 'v1.0.0-hotfix1')
})

test('what lacks the hotfix is held, can be let through with a reason, and rejected', async () => {
  world.push('develop', 'B')
  await done('start', '1.1.0')
  await until('1.1.0', 'cut')
  await done('cut', '1.1.0')
  await until('1.1.0', 'signOff')
  await done('signoff', 'alpha', '--pass')
  await done('tag', '1.1.0')
  await until('1.1.0', 'lacks')
  expect(await slipway('approve', 'prod')).toMatchObject({ code: 3, err: expect.stringContaining('v1.1.0 is held') })
  expect(await done('override', 'prod', '--reason', 'it is urgent')).toContain('  it lacks v1.0.0-hotfix1, 1 commit\n')
  expect(await done('env', 'prod')).toContain('it may replace what it lacks, says anne (unverified): it is urgent')
  expect(await done('reject', 'prod', '--reason', 'not today')).toContain('v1.1.0 is rejected for prod')
  await done('abort', '1.1.0', '--reason', 'it was a try')
})

test('back only as planned: refused when the target has moved since', async () => {
  const { basis } = JSON.parse(await done('plan', 'prod', '--to', '1', '--json'))
  world.changedByHand.set('prod', [{ object: 'deployment/api', change: 'update', diff: null, note: null }])
  expect(await slipway('rollback', 'prod', '--to', '1', '--plan', basis, '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining(`refused: the target has moved since the plan ${basis.slice(0, 12)}…`),
  })
  world.changedByHand.delete('prod')
  expect((await stage.environment('prod')).state).toMatchObject({ waiting: [], running: null })
  expect(await slipway('lock', 'porod', '--reason', 'x')).toMatchObject({ code: 4, err: expect.stringContaining('did you mean prod?') })
})

test('back, and forth again', async () => {
  const out = await done('rollback', 'prod', '--reason', 'it is slow')
  expect(out).toMatch(
    /^prod {2}goes back\n {2}from {2}v1\.0\.0-hotfix1 {2}epoch 2 .* approved by anne \(unverified\)\n {2}to {4}v1\.0\.0 +epoch 1 .* approved by anne \(unverified\)\n/,
  )
  expect(out).toContain('prod goes back to v1.0.0 (epoch 1)\n')
  await until('1.0.0', 'rolledBack')
  expect(await done('env', 'prod')).toContain('  brought back by anne (unverified) instead of v1.0.0-hotfix1 (epoch 2): it is slow\n')
  expect(await done('history', '1.0.0')).toContain('prod goes back to v1.0.0 (epoch 1): it is slow — anne')
  expect(await slipway('rollback', 'prod', '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('that is not vetoed (v1.0.0-hotfix1, epoch 2)'),
  })
  expect(await slipway('rollback', 'prod', '--to', 'v1.0.0-hotfix1', '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('refused: v1.0.0-hotfix1 (epoch 2) is vetoed in prod'),
  })
  expect(await slipway('rollback', 'prod', '--to', '77', '--reason', 'x')).toMatchObject({ code: 4 })
  expect(await done('unveto', 'prod', 'v1.0.0-hotfix1', '--reason', 'the database was slow')).toContain('is lifted')
  await again()
})

test('the same by a Signal of the stock CLI, as docs/cli.md has it', async () => {
  await stage.handle.environment('prod').signal('rollback', { epoch: 1, by: 'bob', reason: 'it is slow', plan: '0'.repeat(64) })
  await stage.runs('prod', 'v1.0.0')
  expect(await done('history', '1.0.0')).toContain('it is slow; the target has moved since the plan 000000000000…')
  expect(await done('env', 'prod')).toContain('brought back by bob')
  await again()
})

async function again(): Promise<void> {
  await done('retry', 'prod')
  await until('1.0.0', 'approval')
  await done('approve', 'prod')
  await until('1.0.0', 'live')
}

test('finish: what waits for a person is shown with its steps, and said to be merged', async () => {
  expect(await slipway('finish')).toMatchObject({ code: 3, err: expect.stringContaining('is not signed off on prod') })
  await done('signoff', 'prod', '--pass')
  world.conflicting.add('master')
  await done('finish')
  await stage.phase('1.0.0', 'mergingBack')
  const { mergeBack } = JSON.parse(await untilPerson())
  expect(mergeBack.targets).toMatchObject([
    { branch: 'develop', status: 'done', how: 'merged' },
    { branch: 'master', status: 'person', why: 'conflict', steps: ['git merge v1.0.0-hotfix1'] },
  ])
  expect(await done('status', '1.0.0')).toContain('\n     git merge v1.0.0-hotfix1\n')
  expect(await slipway('finish', '--merged-as', rev('X'), '--target', 'develop')).toMatchObject({ code: 4 })
  const merged = world.push('master', 'N', ['Y'])
  world.push('elsewhere', 'Z')
  await done('finish', '--merged-as', merged)
  await until('1.0.0', 'finished')
  expect(await slipway('finish', '1.0.0')).toMatchObject({
    code: 3,
    err: expect.stringContaining('the sprint 1.0.0 is over: it is finished'),
  })
  expect((await slipway('status', '1.0.0')).out).toContain('✓ finished')
})

async function untilPerson(): Promise<string> {
  for (;;) {
    const out = await done('status', '1.0.0', '--json')
    if (JSON.parse(out).mergeBack.targets.some((target: { status: string }) => target.status === 'person')) return out
  }
}

test('a finished version is not shown as unfollowed, and is opened anew for a hotfix', async () => {
  expect(JSON.parse(await done('status', '1.0.0', '--json')).unfollowed).toEqual([])
  const out = await done('hotfix')
  expect(out).toContain('the sprint 1.0.0 is open again, for a hotfix\nhotfix/v1.0.0-hotfix2 is cut at')
  expect(out).toContain('  git fetch && git checkout hotfix/v1.0.0-hotfix2\n')
  expect(await slipway('hotfix', '7.0.0')).toMatchObject({ code: 3, err: expect.stringContaining('7.0.0 has no release to fix') })
})

test('what was run by hand is shown, and taken over', async () => {
  const hand = (...argv: string[]) => slipway('--project', 'byhand', ...argv)
  byHand.push('develop', 'hA')
  byHand.push('release-0.9.0', 'hA')
  byHand.refs.set('refs/tags/v0.9.0', rev('hA'))
  byHand.push('release-1.0.0', 'hB')
  byHand.push('release-0.8.0', 'hZ')
  byHand.running.set('prod', 'v0.9.0')
  byHand.found.set('prod', rev('hA'))
  byHand.running.set('alpha', 'who knows')
  const scene = house.stage(byHand)
  await scene.begin()
  await waitFor(scene, ({ refs }) => refs.length >= 4)

  expect((await hand()).out).toContain('no sprint follows release-0.9.0; slipway adopt 0.9.0 takes it over')
  const first = await hand('adopt')
  expect(first.out).toContain('  ✓  prod         v0.9.0 runs in prod and is epoch 0\n')
  expect(first.out).toMatch(/✗ {2}alpha +what runs in alpha cannot be told/)
  expect(first.out).toContain('  –  0.9.0  not opened: it would deploy over what runs in alpha')
  expect(first.code).toBe(1)

  byHand.found.set('alpha', rev('hA'))
  const second = await hand('adopt', '--running', 'alpha=release-1.0.0.12345678')
  expect(second.out).toMatch(/✓ {2}alpha +release-1\.0\.0\.12345678 runs in alpha and is epoch 0/)
  expect(second.out).toContain('  ✓  0.9.0  the sprint 0.9.0 is taken over\n  ✓  1.0.0  the sprint 1.0.0 is taken over\n')
  expect(second.out).toContain('no sprint follows release-0.8.0; slipway adopt 0.8.0 takes it over')
  expect(second.code).toBe(0)
  await scene.phase('0.9.0', 'live')
  expect((await hand('env', 'prod')).out).toContain('was there before Slipway, and was taken over')
  expect(JSON.parse((await hand('env', 'prod', '--json')).out).current).toMatchObject({ epoch: 0, adopted: true })
  // What was taken over is a way back: its digests keep a name.
  expect([...byHand.names.keys()].filter((name) => name.includes(':slipway-keep-prod-')).length).toBeGreaterThan(0)

  expect(await hand('adopt', '0.8.0')).toMatchObject({ code: 0, out: 'the sprint 0.8.0 is taken over\n' })
  expect(await hand('adopt', '5.0.0')).toMatchObject({ code: 4, err: expect.stringContaining('there is nothing of 5.0.0 on the remote') })
})

async function waitFor(scene: Scene, holds: (state: Awaited<ReturnType<Scene['repository']>>) => boolean): Promise<void> {
  for (;;) {
    const state = await scene.repository().catch(() => null)
    if (state !== null && holds(state)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('what cannot be gone back to is refused with its reason', async () => {
  const develop = async (name: string) => {
    world.push('develop', name)
    await done('hint', 'website')
    return `develop.${short(name)}`
  }
  await stage.runs('integration', await develop('before'))
  const { epoch } = (await stage.environment('integration')).state.current!
  world.plannedHooks.set('integration', { irreversible: { name: 'drop-orders', reason: 'the column is gone' } })
  await stage.runs('integration', await develop('across'))
  expect(await slipway('rollback', 'integration', '--to', `${epoch}`, '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/lies before drop-orders, .* and cannot be taken back: the column is gone/),
  })
  world.plannedHooks.delete('integration')
  world.unhealthy.add(`develop.${short('bad')}`)
  await develop('bad')
  const { state } = await waitUntil(
    () => stage.environment('integration'),
    (view) => view.state.parked !== null,
  )
  expect(await slipway('rollback', 'integration', '--to', `${state.parked?.epoch}`, '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining(`epoch ${state.parked?.epoch} was never verified in integration`),
  })
})

test('a shell is told what can be gone back to', async () => {
  const { out } = await slipway('--project', 'website', 'complete', '--', 'rollback', 'prod', '--to', '')
  expect(out.split('\n')).toContain('v1.0.0')
})
