import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporal } from '../fakes/temporal-server.ts'
import { openStage, type Stage } from '../workflows/harness.ts'
import { failsForGood, failsTransiently, rev, until, World } from '../fakes/world.ts'
import { run } from '../../client/run.ts'
import { permanent } from '../../activities/failure.ts'

/** The command line against a real Temporal and the real workflows: a sprint from its start to production. */

const world = new World('website')
let stage: Stage

beforeAll(async () => {
  world.push('develop', 'A')
  stage = await openStage(world)
  await stage.begin()
})
afterAll(() => stage.close())

const slipway = (...argv: string[]) => slipwayAt(stage.address, argv)

async function slipwayAt(address: string, argv: readonly string[]) {
  let out = ''
  let err = ''
  const io = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    env: { TEMPORAL_ADDRESS: address, SLIPWAY_USER: 'anne' },
    cwd: '/',
    now: () => Date.now(),
    onInterrupt: () => () => undefined,
  }
  const code = await run(['--project', 'website', ...argv], io)
  return { code, out, err }
}

const short = (name: string) => rev(name).slice(0, 8)

test('a sprint, by commands alone', async () => {
  expect(await slipway('start', '1.0.0', '--feature', 'feature/greeting')).toEqual({
    code: 0,
    out: 'the sprint 1.0.0 has begun\n',
    err: '',
  })
  expect(await slipway('start', '1.0.0')).toMatchObject({
    code: 3,
    err: expect.stringContaining('refused: the sprint 1.0.0 is open already (integrating)\n  next: slipway status 1.0.0'),
  })
  expect(await slipway('start', '1.1.0')).toMatchObject({ code: 3, err: expect.stringContaining('1.0.0 is still integrating') })
  expect(await slipway('cut')).toMatchObject({
    code: 3,
    err: expect.stringContaining('  next: slipway cut 1.0.0 --without feature/greeting'),
  })

  world.push('feature/greeting', 'F')
  world.push('develop', 'B', ['F'])
  expect(await slipway('hint', 'website')).toEqual({ code: 0, out: '', err: '' })
  expect(await slipway('status', '--until', 'cut', '--timeout', '20')).toMatchObject({ code: 0 })
  expect(await slipway('cut')).toMatchObject({ code: 0, out: `release-1.0.0 is cut at ${short('B')}\n` })
  expect(await slipway('status', '--until', 'signOff', '--timeout', '20')).toMatchObject({ code: 0 })
  expect(await slipway('signoff', 'alpha', '--pass', '--epoch', '9')).toMatchObject({
    code: 3,
    err: expect.stringContaining('not what was looked at (epoch 9)'),
  })
  expect(await slipway('signoff', 'alpha', '--pass', '-m', 'fine')).toMatchObject({ code: 0 })
  expect(await slipway('tag')).toMatchObject({ code: 0, out: `v1.0.0 names ${short('B')}\n` })
  const waiting = await slipway('status', '--until', 'approval', '--timeout', '20', '--json')
  const { waitingFor, candidates } = JSON.parse(waiting.out)
  expect(waitingFor).toMatchObject([{ kind: 'approval', environment: 'prod', request: 'v1.0.0' }])
  expect(candidates[0].images.website.tags).toEqual([`develop.${short('B')}`, `release-1.0.0.${short('B')}`, 'v1.0.0'])

  expect(await slipway('plan', 'prod')).toEqual({
    code: 0,
    err: '',
    out: [
      `prod  v1.0.0 at ${short('B')}`,
      '  it is the first deployment: there is nothing to restore',
      '  + deployment/website  create',
      '      @@ -1,1 +1,1 @@',
      '      +tag: v1.0.0',
      '',
      '1 to create',
      '',
    ].join('\n'),
  })
  expect(await slipway('plan', 'alpha', 'release-1.0.0')).toMatchObject({ code: 0, out: expect.stringContaining('nothing changes') })
  expect(await slipway('plan', 'alpha', 'v1.0.0')).toMatchObject({ code: 0, out: expect.stringContaining('1 to update') })
  world.before = failsForGood('plan', 1, 'RenderFailed', 'The cluster does not take service/bad: spec.ports[0].port')
  expect(await slipway('plan', 'prod')).toMatchObject({
    code: 1,
    err: expect.stringContaining('The cluster does not take service/bad: spec.ports[0].port'),
  })
  expect(world.applied.filter(({ environment }) => environment === 'prod')).toEqual([])

  expect(await slipway('approve', 'prod', '--hash', 'ffffffff')).toMatchObject({ code: 3 })
  expect(await slipway('approve', 'prod', 'v9.9.9')).toMatchObject({
    code: 4,
    err: expect.stringContaining('no request v9.9.9 waits in prod'),
  })
  expect(await slipway('approve', 'prod', '--hash', waitingFor[0].hash.slice(0, 8))).toMatchObject({
    code: 0,
    out: expect.stringContaining(`  hash ${waitingFor[0].hash}\n`),
  })
  expect(await slipway('status', '--until', 'live', '--timeout', '20')).toMatchObject({ code: 0 })
  expect((await slipway('env', 'prod')).out).toContain('  approved by anne (unverified)')
  expect((await slipway('history')).out).toMatch(/prod +v1\.0\.0 is approved for prod — anne/)
  expect(await slipway('approve', 'prod')).toMatchObject({ code: 3, err: expect.stringContaining('nothing waits for approval in prod') })
})

test('what cannot go on yet says why; what failed is tried again', async () => {
  world.before = failsTransiently('apply', 2, 'the host does not answer')
  world.push('develop', 'C')
  await slipway('hint')
  const stuck = await until(
    () => slipway('env', 'integration'),
    ({ out }) => out.includes('the host does not answer'),
  )
  expect(stuck.out).toContain('is tried again after attempt')
  await stage.runs('integration', `develop.${short('C')}`)

  world.before = (activity) => {
    if (activity === 'verify') throw permanent('RolloutFailed', 'website: ImagePullBackOff', { observed: ['pod website-1: no such image'] })
  }
  world.push('develop', 'D')
  await slipway('hint')
  await until(
    () => slipway('env', 'integration', '--json'),
    ({ out }) => JSON.parse(out).parked !== null,
  )
  expect((await slipway('logs', 'integration')).out).toContain('pod website-1: no such image')
  world.before = () => undefined
  expect(await slipway('retry')).toMatchObject({ code: 0, out: `develop.${short('D')} is asked for again in integration\n` })
  await stage.runs('integration', `develop.${short('D')}`)
})

test('doctor, clean and what is not there', async () => {
  expect(await slipway('doctor')).toMatchObject({ code: 0, out: expect.stringContaining('everything is ready') })
  expect(await slipway('clean')).toMatchObject({ code: 0, out: 'nothing to remove\n' })
  expect(await slipway('env', 'nope')).toMatchObject({ code: 4 })
  expect(await slipway('status', '9.9.9')).toMatchObject({ code: 4 })
  expect(await slipway('--project', 'other', 'status')).toMatchObject({
    code: 4,
    err: expect.stringContaining('project other is not known to this Temporal: is a worker running with it in estate.yaml?'),
  })
})

test('a Temporal without any worker: doctor says so within ten seconds, the rest knows no project', async () => {
  const empty = await startTemporal()
  try {
    const began = Date.now()
    expect(await slipwayAt(empty.address, ['doctor'])).toEqual({
      code: 1,
      out: '',
      err: 'no worker polls the task queue slipway; start one with slipway worker\n  next: slipway worker\n  next: slipway dev\n',
    })
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(await slipwayAt(empty.address, ['status'])).toMatchObject({ code: 4 })
    expect(await slipwayAt(empty.address, ['hint', 'website'])).toMatchObject({ code: 0 })
  } finally {
    await empty.stop()
  }
})
