import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertSummaries } from '../fakes/summaries.ts'
import { until } from '../fakes/world.ts'
import { saveHistories } from '../replay/histories.ts'
import { composeProjectOf } from '../../lab/sample.ts'
import { openEstate, type Estate } from './estate.ts'
import { openMarkedHooks } from './marked-hooks.ts'

let estate: Estate
/** A new port may refuse and an old pod may answer for a moment after the rollout: kube-proxy writes its rules after it. */
const serves = (environment: string, version: string) =>
  until(
    () => estate.served(environment).catch(String),
    (text) => text.includes(version),
    5000,
  )
const short = (revision: string) => revision.slice(0, 8)

beforeAll(async () => {
  estate = await openEstate('shop', 40)
  await estate.worker.start()
})
afterAll(() => estate.close())

test('a sprint ships through real parts, from first push to approved production', { timeout: 180_000 }, async () => {
  const first = await estate.git('rev-parse', 'develop')
  await estate.runs('integration', `develop.${short(first)}`, 60_000)

  expect(await estate.start('1.0.0', ['feature/greeting'])).toMatchObject({ ok: true })
  await estate.git('checkout', '--quiet', '-b', 'feature/greeting')
  await estate.change('feature/greeting', 'website/VERSION', '1.1.0\n')
  await estate.git('checkout', '--quiet', 'develop')
  await estate.git('merge', '--quiet', '--no-ff', '-m', "Merge branch 'feature/greeting'", 'feature/greeting')
  await estate.git('push', '--quiet', 'origin', 'develop')
  const merged = await estate.git('rev-parse', 'develop')
  await estate.runs('integration', `develop.${short(merged)}`, 60_000)
  await serves('integration', '1.1.0')
  await until(
    () => estate.sprint('1.0.0'),
    ({ state }) => state.features[0]?.merged?.how === 'merge',
  )

  expect(await estate.say('1.0.0', { kind: 'cut', without: [] })).toMatchObject({ ok: true })
  await estate.runs('alpha', `release-1.0.0.${short(merged)}`, 60_000)
  await serves('alpha', '1.1.0')
  await estate.signOff('alpha', 'fail')

  await estate.git('fetch', '--quiet', 'origin')
  const fixed = await estate.change('release-1.0.0', 'website/VERSION', '1.1.1\n')
  await estate.runs('alpha', `release-1.0.0.${short(fixed)}`, 60_000)
  await serves('alpha', '1.1.1')
  expect(await estate.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await until(
    () => estate.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  const vote = await estate.vote('prod')
  expect(vote.hash).toMatch(/^[0-9a-f]{64}$/)
  expect(await estate.kubectl('get', 'namespaces', '--output', 'name')).not.toContain('shop-prod')

  expect(await estate.approve('prod')).toMatchObject({ ok: true })
  const { state } = await estate.runs('prod', 'v1.0.0', 60_000)
  await serves('prod', '1.1.1')
  await estate.phase('1.0.0', 'live')

  const digest = state.current?.snapshot.candidate.images.find(({ service }) => service === 'website')?.digest ?? 'none'
  const images = await estate.kubectl(
    '--namespace',
    'shop-prod',
    'get',
    'pods',
    '--output',
    'jsonpath={.items[*].status.containerStatuses[*].imageID}',
  )
  expect(images).toContain(digest)

  for await (const { workflowId, runId } of estate.client.workflow.list()) {
    assertSummaries(workflowId, await estate.client.workflow.getHandle(workflowId, runId).fetchHistory())
  }
  const scenario = process.env['SLIPWAY_RECORD']
  if (scenario !== undefined) await saveHistories(scenario, estate.client)
})

test('what somebody changed in prod by hand is planned and told, and put back', { timeout: 120_000 }, async () => {
  const namespace = ['--namespace', 'shop-prod']
  expect(await estate.slipway('drift', 'prod')).toMatchObject({ exitCode: 0 })
  await estate.kubectl(...namespace, 'scale', 'deployment', 'api', '--replicas', '3')
  await estate.kubectl(...namespace, 'set', 'env', 'deployment/api', 'DEBUG=1')

  const drift = await estate.slipway('drift', 'prod', '--json')
  expect(drift.exitCode).toBe(1)
  expect(drift.json()).toMatchObject({
    epoch: 1,
    tag: 'v1.0.0',
    drifted: true,
    findings: [{ object: 'deployment/api', field: '.spec.replicas', expected: '2', found: '3', by: expect.stringContaining('kubectl') }],
    next: ['slipway rollback prod --to 1 --reason …', 'slipway env prod'],
  })
  const plan = await estate.slipway('plan', 'prod', '--to', '1')
  expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/deployment\/api/) })
  expect(plan.stdout).toMatch(/-\s+replicas: 3[^]*\+\s+replicas: 2/)

  expect(await estate.slipway('rollback', 'prod', '--to', '1', '--reason', 'scaled by hand')).toMatchObject({ exitCode: 0 })
  await until(
    () => estate.environment('prod'),
    ({ state }) => state.epoch === 2 && state.current?.epoch === 2,
    60_000,
  )
  expect(await estate.slipway('drift', 'prod')).toMatchObject({ exitCode: 0 })
  expect(await estate.kubectl(...namespace, 'get', 'deployment', 'api', '--output', 'jsonpath={.spec.replicas}')).toBe('2')
})

test('hooks run once, and one that fails leaves the deployment at its step until a person decides', { timeout: 180_000 }, async () => {
  const hooks = openMarkedHooks(estate)
  await hooks.forget()
  await estate.git('checkout', '--quiet', 'develop')
  await hooks.configure()
  const tip = await estate.git('rev-parse', 'HEAD')
  await estate.runs('integration', `develop.${short(tip)}`, 60_000)
  expect(await hooks.counts()).toMatchObject({ 'hooks before integration': 1, 'hooks after integration': 1 })

  // Whatever the hook needs is not there: it fails until somebody has put it right.
  await hooks.block()
  const stuck = await estate.change('develop', 'website/VERSION', '1.2.0\n')
  await until(
    () => estate.environment('integration'),
    ({ state }) => state.running?.halt !== undefined,
    60_000,
  )
  const env = await estate.slipway('env', 'integration')
  expect(env.stdout).toMatch(/stands .*mark-before.*slipway resolve integration retry\|/s)
  expect(await estate.served('integration')).toContain('1.1.0')
  await hooks.unblock()
  expect(await estate.slipway('resolve', 'integration', 'retry', '--reason', 'the disk had been full')).toMatchObject({ exitCode: 0 })
  await estate.runs('integration', `develop.${short(stuck)}`, 60_000)
  await serves('integration', '1.2.0')
  expect(await hooks.counts()).toMatchObject({ 'hooks before integration': 2, 'hooks after integration': 2 })
  expect((await estate.environment('integration')).state.entries.some(({ text }) => text.includes('the disk had been full'))).toBe(true)

  // A container that somebody removed is told, too, and put back.
  await estate.docker('rm', '--force', `${composeProjectOf(estate.env, 'shop')}_api_1`)
  expect(await estate.slipway('drift', 'integration')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('api') })
  const { epoch } = (await estate.environment('integration')).state
  expect(await estate.slipway('rollback', 'integration', '--to', `${epoch}`, '--reason', 'its api was gone')).toMatchObject({ exitCode: 0 })
  await until(
    () => estate.environment('integration'),
    ({ state }) => state.current?.epoch === epoch + 1,
    60_000,
  )
  expect(await estate.slipway('drift', 'integration')).toMatchObject({ exitCode: 0 })
})

test('what is locked starts nothing, says by whom and why, and goes on when it is unlocked', { timeout: 120_000 }, async () => {
  expect(await estate.slipway('lock', 'integration', '--reason', 'the fair is on')).toMatchObject({ exitCode: 0 })
  const revision = await estate.change('develop', 'website/VERSION', '1.3.0\n')
  await until(
    () => estate.environment('integration'),
    ({ waits }) => waits.some(({ kind, detail }) => kind === 'locked' && detail.startsWith(`develop.${short(revision)} waits`)),
    60_000,
  )
  const env = await estate.slipway('env', 'integration', '--json')
  expect(env.json()).toMatchObject({ lock: { by: expect.stringContaining('Priya'), reason: 'the fair is on' } })
  expect(await estate.slipway('unlock', 'integration')).toMatchObject({ exitCode: 0 })
  await estate.runs('integration', `develop.${short(revision)}`, 60_000)
  await serves('integration', '1.3.0')
})
