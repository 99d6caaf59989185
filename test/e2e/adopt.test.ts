import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../fakes/world.ts'
import { openByHand } from './by-hand.ts'
import { openEstate, type Estate } from './estate.ts'
import { openTeam, type Team } from './team.ts'

/** A project that its team's own scripts deployed is taken over by the command line, and goes on from there. */
let estate: Estate
let team: Team
/** Of the Temporal that a person talks to. */
let address: string
const PROJECT = 'adopted'
const PATIENCE_MS = 90_000
const short = (revision: string) => revision.slice(0, 8)
/** What was there before: the website's digests in prod, and the image tag on integration. */
const before: { prod: string[]; integration: string } = { prod: [], integration: '' }

beforeAll(async () => {
  estate = await openEstate(PROJECT, 36)
  team = openTeam(estate)
  address = estate.address
  await liveWithoutSlipway()
  await estate.worker.start()
  // What develop feeds is deployed at once; what ran there before is looked at first. The others wait for a person's word.
  await until(
    () => estate.environment('integration').catch(() => null),
    (view) => view?.state.current?.epoch === 1,
    PATIENCE_MS,
  )
  const { state } = await estate.environment('integration')
  expect(state).toMatchObject({ epoch: 1, past: [{ epoch: 0, tag: before.integration, adopted: true }] })
})
afterAll(() => estate.close())

test('what runs and what is under way is taken over at once, and nothing of it is touched', { timeout: 120_000 }, async () => {
  const { website } = await objects()
  const taken = await slipway('adopt')
  expect(taken).toMatchObject({ exitCode: 0, stderr: '' })
  expect(taken.stdout).toMatch(new RegExp(`– +integration +known already: ${before.integration} runs there as epoch 1`))
  expect(taken.stdout).toMatch(/○ +alpha +nothing runs in alpha; its first deployment will be epoch 1/)
  expect(taken.stdout).toMatch(/✓ +prod +v0\.9\.0 runs in prod and is epoch 0/)
  expect(taken.stdout).toMatch(/✓ +0\.9\.0 /)
  expect(taken.stdout).toMatch(/✓ +1\.0\.0 /)
  expect(taken.stdout).toMatch(/left as they are\n.*release-0\.8\.0/)
  await estate.phase('0.9.0', 'live')
  await estate.phase('1.0.0', 'stabilising')
  expect((await objects()).website).toEqual(website)

  const state = await remembered()
  const again = await slipway('adopt')
  expect(again).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('there is nothing to take over') })
  expect(again.stdout).toMatch(/– +prod +known already: v0\.9\.0 runs there as epoch 0/)
  const sprint = await slipway('adopt', '1.0.0')
  expect(sprint).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the sprint 1.0.0 is open already') })
  expect(await remembered()).toEqual(state)
})

test(
  'the sprint that was under way ships, taking over from kubectl, and the first rollback goes back to epoch 0',
  { timeout: 240_000 },
  async () => {
    await team.pull('develop')
    await team.replaceIn('docker-compose.yml', 'Hello from integration', 'Welcome to integration')
    const next = await team.push('develop', 'Another greeting')
    await said('status', '1.0.0', '--until', 'signOff', '--timeout', '90')
    expect(await said('signoff', 'alpha', '--pass')).toContain('alpha')
    await said('status', '1.0.0', '--until', 'tag', '--timeout', '30')
    expect(await said('tag', '1.0.0')).toContain('v1.0.0')
    await said('status', '1.0.0', '--until', 'approval', '--timeout', '60')
    const approved = await said('approve', 'prod')
    expect(approved).toContain('in place of v0.9.0 (epoch 0')
    await said('status', '1.0.0', '--until', 'live', '--timeout', '90')
    await serves('prod', 'Welcome to prod')
    expect((await objects()).managers).not.toContain('kubectl-client-side-apply')

    const back = await said('rollback', 'prod', '--reason', 'the greeting was better')
    expect(back).toMatch(/to +v0\.9\.0 +epoch 0/)
    await estate.runs('prod', 'v0.9.0', PATIENCE_MS)
    await serves('prod', 'Hello from prod')
    expect(await running()).toEqual(before.prod)
    expect((await estate.environment('prod')).state).toMatchObject({
      epoch: 2,
      current: { tag: 'v0.9.0', rollback: { fromTag: 'v1.0.0' } },
    })
    await estate.phase('1.0.0', 'rolledBack')
    await estate.phase('0.9.0', 'live')

    await estate.runs('integration', `develop.${short(next)}`, PATIENCE_MS)
    await serves('integration', 'Welcome to integration')
    expect(await said('rollback', 'integration', '--to', '0', '--reason', 'to see the old page')).toContain('(epoch 0)')
    await estate.runs('integration', before.integration, PATIENCE_MS)
    await serves('integration', 'Hello from integration')
  },
)

test(
  "Temporal's database is lost: what runs is found, and each environment goes on from the epoch of its target",
  { timeout: 240_000 },
  async () => {
    const { current, epoch } = (await estate.environment('alpha')).state
    await estate.worker.stop()
    expect([await heldByIntegration(), await heldByAlpha()]).toEqual([3, epoch])
    const mended = await team.fix('1.0.0', 'NOTES', 'pushed while nobody looked')
    const develop = await estate.git('rev-parse', 'origin/develop')

    const anew = await estate.loseTemporal()
    address = anew.address
    try {
      await anew.worker.start()
      const integration = await anew.runs('integration', `develop.${short(develop)}`, PATIENCE_MS)
      expect(integration.state).toMatchObject({ epoch: 4, past: [{ epoch: 3, adopted: true }] })
      expect(await heldByIntegration()).toBe(4)

      // What Slipway puts on a cluster is asked for by digest: a person says which tag it was.
      const taken = await said('adopt', '--running', `alpha=${current?.tag}`, '--running', 'prod=v0.9.0')
      expect(taken).toMatch(/✓ +1\.0\.0 /)
      await anew.runs('alpha', `release-1.0.0.${short(mended)}`, PATIENCE_MS)
      expect((await anew.environment('alpha')).state.epoch).toBe(epoch + 1)
      expect(await heldByAlpha()).toBe(epoch + 1)
    } finally {
      await anew.close()
    }
  },
)

async function heldByAlpha(): Promise<number> {
  const fence = `slipway-fence.${PROJECT}.alpha`
  return Number(await estate.kubectl('--namespace', `${PROJECT}-alpha`, 'get', 'configmap', fence, '--output', 'jsonpath={.data.epoch}'))
}

async function heldByIntegration(): Promise<number> {
  const fence = join(estate.env.ssh.home, PROJECT, '.slipway', 'fence')
  return Number((await readFile(fence, 'utf8')).split(' ')[0])
}

/** v0.9.0 in prod, develop on integration, release-1.0.0 cut from develop, and a release branch of long ago. */
async function liveWithoutSlipway(): Promise<void> {
  const { git } = estate
  const byHand = openByHand(estate)
  await git('tag', 'v0.9.0')
  await git('push', '--quiet', 'origin', 'v0.9.0', 'develop:release-0.8.0', 'develop:release-0.9.0')
  await byHand.build('v0.9.0')
  await byHand.kustomize('prod', 'v0.9.0')
  before.prod = await running()
  await team.replaceIn('deploy/overlays/prod/kustomization.yaml', 'Hello from prod', 'Welcome to prod')
  const tip = await team.push('develop', 'A warmer greeting')
  await git('push', '--quiet', 'origin', 'develop:release-1.0.0')
  before.integration = `develop.${short(tip)}`
  await byHand.build(before.integration)
  const { port } = new URL(estate.sample.integrationUrl)
  await byHand.compose(before.integration, { WEBSITE_PORT: port, API_PORT: `${Number(port) + 1}` })
}

/** As a person types it in the project's folder. */
async function slipway(...args: string[]) {
  const env = { ...process.env, TEMPORAL_ADDRESS: address, NO_COLOR: '1' }
  return execa(process.execPath, ['bin/slipway.js', '--config', `${estate.sample.folder}/slipway.yaml`, ...args], { env, reject: false })
}

async function said(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await slipway(...args)
  expect(exitCode, `slipway ${args.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}

/** Of what was taken over; alpha goes on meanwhile. */
async function remembered(): Promise<unknown> {
  const names = ['integration', 'prod'] as const
  const environments = await Promise.all(names.map(async (name) => (await estate.environment(name)).state))
  return environments.map(({ epoch, current, past, entries }) => ({ epoch, current, past, entries }))
}

async function objects(): Promise<{ website: object; managers: string[] }> {
  const text = await estate.kubectl(
    '--namespace',
    `${PROJECT}-prod`,
    'get',
    'deployment',
    'website',
    '--output',
    'json',
    '--show-managed-fields',
  )
  const { metadata, spec } = JSON.parse(text) as { metadata: { generation: number; managedFields: { manager: string }[] }; spec: object }
  return { website: { generation: metadata.generation, spec }, managers: metadata.managedFields.map(({ manager }) => manager) }
}

/** The digests of the website's pods in prod, without those that are on their way out. */
async function running(): Promise<string[]> {
  const label = 'app.kubernetes.io/name=website'
  const text = await estate.kubectl('--namespace', `${PROJECT}-prod`, 'get', 'pods', '--selector', label, '--output', 'json')
  const { items } = JSON.parse(text) as { items: Pod[] }
  const images = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(({ status }) => status.containerStatuses)
  return [...new Set(images.map(({ imageID }) => imageID.slice(imageID.indexOf('@') + 1)))]
}

type Pod = { metadata: { deletionTimestamp?: string }; status: { containerStatuses: { imageID: string }[] } }

function serves(environment: string, text: string): Promise<string> {
  return until(
    () => estate.served(environment, '/').catch(String),
    (page) => page.includes(text),
    10_000,
  )
}
