import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { deploymentId } from '../../workflows/ids.ts'
import { assertSearchAttributes } from '../fakes/search-attributes.ts'
import { assertSummaries } from '../fakes/summaries.ts'
import { until } from '../fakes/world.ts'
import { saveHistories } from '../replay/histories.ts'
import { composeProjectOf } from '../../lab/sample.ts'
import { expectAgreement } from './agreement.ts'
import { openAnswering } from './answering.ts'
import { openEstate, type Estate } from './estate.ts'
import { openLabRegistry } from './lab-registry.ts'
import { openMarkedHooks } from './marked-hooks.ts'
import { openSigners } from './signers.ts'

let estate: Estate
let asked: Awaited<ReturnType<typeof openAnswering>>
let people: Awaited<ReturnType<typeof openSigners>>
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
  asked = await openAnswering()
  people = await openSigners(estate, ['dana', 'tess', 'ben', 'cleo'])
  await estate.worker.start()
})
afterAll(async () => {
  asked?.close()
  await people?.close()
  await estate?.close()
})

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
    const history = await estate.client.workflow.getHandle(workflowId, runId).fetchHistory()
    assertSummaries(workflowId, history)
    assertSearchAttributes(workflowId, history)
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

test('a way back ends the deployment that runs, and what it brings needs no tag any more', { timeout: 180_000 }, async () => {
  const hooks = openMarkedHooks(estate)
  const { state: before } = await estate.environment('integration')
  const earlier = before.past[0]!
  const website = earlier.snapshot.candidate.images.find(({ service }) => service === 'website')!
  const image = `${estate.env.registry.address}/shop/website@${website.digest}`
  const marks = await hooks.counts()

  // The registry has the image under no name but the one that keeps it, and the host has it no more.
  const registry = openLabRegistry(estate, 'shop/website')
  const runs = before.current?.snapshot.candidate.images.find(({ service }) => service === 'website')?.digest ?? ''
  for (const tag of await registry.tagsOf(website.digest)) if (!tag.startsWith('slipway-')) await registry.move(tag, runs)
  const names = await registry.tagsOf(website.digest)
  expect(names).toContain(`slipway-keep-integration-${earlier.kept}`)
  expect(names.filter((tag) => !tag.startsWith('slipway-'))).toEqual([])
  await estate.docker('rmi', '--force', (await estate.docker('image', 'inspect', '--format', '{{.Id}}', image)).trim())
  await expect(estate.docker('image', 'inspect', image)).rejects.toThrow(/No such image/i)

  const hung = await estate.change('develop', 'slipway.yaml', (await slipwayFile()).replace('echo "before', `${HANGS}; echo "before`))
  await until(
    () => processes(HANGS),
    (count) => count > 0,
    60_000,
  )
  expect((await estate.environment('integration')).state.running).toMatchObject({ epoch: before.epoch + 1 })
  const back = await estate.slipway('rollback', 'integration', '--to', `${earlier.epoch}`, '--reason', 'it hangs')
  expect(back).toMatchObject({ exitCode: 0 })
  const { state } = await until(
    () => estate.environment('integration'),
    ({ state: now }) => now.current?.epoch === before.epoch + 2 && now.running === null,
    60_000,
  )
  expect(state.current?.tag).toBe(earlier.tag)
  expect(state.closed.find(({ tag }) => tag === `develop.${short(hung)}`)?.reason).toContain(
    'it was ended: Priya (unverified) asked for the way back',
  )
  await serves('integration', (await estate.git('show', `${earlier.snapshot.candidate.revision}:website/VERSION`)).trim())
  expect(await estate.docker('inspect', '--format', '{{.Config.Image}}', container('website'))).toContain(website.digest)
  await until(
    () => processes(HANGS),
    (count) => count === 0,
    10_000,
  )
  expect(await hooks.counts()).toEqual(marks)
})

test('where words have to be signed, two who neither wrote it nor tagged it approve with their keys', { timeout: 240_000 }, async () => {
  await restartWith((file) => {
    const { shop } = file.projects
    Object.assign(file, people.estate, { groups: { leads: ['ben', 'cleo', 'dana', 'tess'] } })
    shop.roles = { developer: ['anne'], qa: ['anne'], 'release-manager': ['anne', 'Priya'], approver: ['leads'] }
    shop.environments.prod.approval = { count: 2, verified: true }
    // What the next test needs.
    shop.environments.integration.health.push({ url: asked.url, timeoutSeconds: 3 })
  })
  expect(await estate.say('1.0.0', { kind: 'hotfix' })).toMatchObject({ ok: true })
  const tip = await estate.change('release-1.0.0', 'website/VERSION', '1.1.2\n')
  await estate.runs('alpha', `release-1.0.0.${short(tip)}`, 60_000)
  expect(await estate.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await until(
    () => estate.sprint('1.0.0'),
    ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'alpha' && revision === tip),
  )
  await estate.git('-c', 'user.name=Tess', '-c', 'user.email=tess@example.com', 'tag', '-a', '-m', 'A hotfix', 'v1.0.0-hotfix1', tip)
  await estate.git('push', '--quiet', 'origin', 'v1.0.0-hotfix1')
  const { request, hash } = await estate.vote('prod')
  expect(request).toBe('v1.0.0-hotfix1')

  await estate.handle.environment('prod').signal('approve', { request, hash, by: 'ben' })
  const unsigned = await until(
    () => estate.environment('prod'),
    ({ state }) => state.entries.some(({ event, by }) => event === 'denied' && by?.startsWith('ben') === true),
  )
  expect(unsigned.state.entries.findLast(({ event }) => event === 'denied')?.text).toMatch(/sign/)
  const approve = (name: string) => estate.slipway('approve', 'prod', request, ...people.as(name))
  expect(await approve('dana')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('dana wrote some of it') })
  expect(await approve('tess')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('tess made its tag') })
  expect(await approve('ben')).toMatchObject({ exitCode: 0 })
  expect((await estate.environment('prod')).waits.find(({ kind }) => kind === 'approval')?.detail).toContain('1 of 2 still missing')
  expect(await approve('ben')).toMatchObject({ exitCode: 3 })
  expect(await approve('cleo')).toMatchObject({ exitCode: 0 })
  const { state } = await estate.runs('prod', request, 60_000)
  await serves('prod', '1.1.2')
  expect(state.current?.approval).toMatchObject({
    by: { name: 'cleo', verified: true },
    earlier: [{ by: { name: 'ben', verified: true } }],
  })

  expect(await estate.slipway('evidence', '1.0.0', '--out', people.bundle)).toMatchObject({ exitCode: 0 })
  const verify = (file: string) => estate.slipway('verify-evidence', file, '--signers', people.allowed)
  expect(await verify(people.bundle)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/cleo[^]*ben|ben[^]*cleo/) })
  const changed = await verify(await people.tamper('environments/prod.json'))
  expect(changed).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('environments/prod.json') })
})

test('what crashes is replaced by what ran before, and automation does not bring it back', { timeout: 240_000 }, async () => {
  const places = [
    { environment: 'integration', branch: 'develop', file: 'docker-compose.yml', greeting: 'Hello from integration' },
    { environment: 'alpha', branch: 'release-1.0.0', file: 'deploy/overlays/alpha/kustomization.yaml', greeting: 'Hello from alpha' },
  ]
  const crashed = []
  for (const place of places) {
    const before = (await estate.environment(place.environment)).state
    const good = before.current!.snapshot.candidate.revision
    const version = (await estate.git('show', `${good}:website/VERSION`)).trim()
    crashed.push({ ...place, before, good, version, bad: await crash(place) })
  }
  await Promise.all(
    crashed.map(async ({ environment, branch, greeting, before, good, version, bad }) => {
      const tag = `${branch}.${short(bad)}`
      const { state } = await until(
        () => estate.environment(environment),
        ({ state: now }) => now.parked?.request.tag === tag,
        90_000,
      )
      expect(state).toMatchObject({ broken: false, epoch: before.epoch + 1, current: { epoch: before.current!.epoch } })
      expect(state.parked).toMatchObject({ target: 'restored', observed: expect.arrayContaining([expect.stringContaining('website')]) })
      await serves(environment, version)
      const page = await estate.served(environment, '/')
      expect(page).toContain(greeting)
      expect(page).not.toContain('Goodbye')

      // The same revision comes by once more, as after a push that was taken back and made again.
      for (const revision of [good, bad]) {
        await estate.git('push', '--quiet', 'origin', `+${revision}:refs/heads/${branch}`)
        await until(
          () => estate.repository(),
          ({ refs }) => refs.some(({ ref, revision: at }) => ref === `refs/heads/${branch}` && at === revision),
        )
      }
      const again = await until(
        () => estate.environment(environment),
        ({ state: now }) => now.closed.some(({ tag: closed, outcome }) => closed === tag && outcome === 'vetoed'),
      )
      expect(again.state.entries.filter(({ event, text }) => event === 'started' && text.includes(tag))).toHaveLength(1)
      expect(await estate.slipway('env', environment)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(tag) })
      await serves(environment, version)
      await expectAgreement(estate, environment)
    }),
  )
})

test('what cannot be put back stands still with its reason: nothing is put back twice', { timeout: 120_000 }, async () => {
  const { epoch } = (await estate.environment('integration')).state
  asked.answer(503)
  await estate.git('checkout', '--quiet', 'develop')
  await estate.git('revert', '--no-edit', 'HEAD')
  const fixed = await estate.change('develop', 'website/VERSION', '1.4.0\n')
  const { state } = await until(
    () => estate.environment('integration'),
    ({ state: now }) => now.parked?.request.tag === `develop.${short(fixed)}`,
    60_000,
  )
  expect(state).toMatchObject({ broken: true, epoch: epoch + 1, parked: { target: 'broken', reason: expect.stringContaining('503') } })
  const { events } = await estate.client.workflow.getHandle(deploymentId('shop', 'integration', epoch + 1)).fetchHistory()
  const applied = events?.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'apply')
  expect(applied).toHaveLength(2)
  asked.answer(200)
  expect(await estate.slipway('resolve', 'integration', 'retry', '--reason', 'it answers again')).toMatchObject({ exitCode: 0 })
  await estate.runs('integration', `develop.${short(fixed)}`, 60_000)
  await serves('integration', '1.4.0')
})

const HANGS = 'sleep 86399'

type EstateText = {
  projects: {
    shop: {
      roles?: object
      environments: { integration: { health: object[] }; prod: { approval?: object } }
    }
  }
}

/** As an operator does it: the file is changed, and the worker starts again. */
async function restartWith(change: (file: EstateText) => void): Promise<void> {
  const file = parse(await readFile(estate.sample.estateFile, 'utf8')) as EstateText
  change(file)
  await writeFile(estate.sample.estateFile, stringify(file))
  await estate.worker.stop()
  await estate.worker.start()
}

async function slipwayFile(): Promise<string> {
  await estate.git('checkout', '--quiet', 'develop')
  return readFile(join(estate.sample.folder, 'slipway.yaml'), 'utf8')
}

/** How many processes of this machine, which is the host as well, run this. */
async function processes(command: string): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line === `${command.replaceAll(' ', '\0')}\0`).length
}

const container = (service: string) => `${composeProjectOf(estate.env, 'shop')}_${service}_1`

/** A website that ends as soon as it begins, with another configuration. @returns the revision */
async function crash({ branch, file, greeting }: { branch: string; file: string; greeting: string }): Promise<string> {
  await estate.git('checkout', '--quiet', branch)
  const configuration = join(estate.sample.folder, file)
  await writeFile(configuration, (await readFile(configuration, 'utf8')).replace(greeting, 'Goodbye'))
  const slipway = join(estate.sample.folder, 'slipway.yaml')
  await writeFile(slipway, (await readFile(slipway, 'utf8')).replace(`${HANGS}; `, ''))
  await estate.git('commit', '--quiet', '--allow-empty', '-m', 'Nothing hangs any more', 'slipway.yaml')
  return estate.change(branch, 'website/start', '#!/bin/sh\necho "no configuration" >&2\nexit 1\n')
}
