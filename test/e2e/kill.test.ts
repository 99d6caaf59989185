import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertSummaries } from '../fakes/summaries.ts'
import { until } from '../fakes/world.ts'
import { openEstate, type Estate } from './estate.ts'

let estate: Estate
const short = (revision: string) => revision.slice(0, 8)
const serves = (environment: string, version: string) =>
  until(
    () => estate.served(environment).catch(String),
    (text) => text.includes(version),
    5000,
  )

beforeAll(async () => {
  estate = await openEstate('killed', 42)
  await estate.worker.start()
})
afterAll(() => estate.close())

/** SIGKILL as soon as the condition holds, and a new worker two seconds later. */
async function killWhen(holds: () => Promise<boolean>): Promise<void> {
  await until(holds, (held) => held, 60_000)
  await estate.worker.kill()
  await estate.worker.start()
}

const building = async () => (await estate.repository()).builds.some((build) => build.status === 'building')
const deploying = (environment: string, step: string) => async () => (await estate.environment(environment)).state.running?.step === step

test('a worker killed in every phase loses and doubles nothing', { timeout: 400_000 }, async () => {
  const first = await estate.git('rev-parse', 'develop')
  await estate.runs('integration', `develop.${short(first)}`, 60_000)
  await estate.start('1.0.0')

  const built = estate.change('develop', 'website/VERSION', '1.1.0\n')
  await killWhen(building)
  const tip = await built
  await killWhen(deploying('integration', 'starting'))
  await estate.runs('integration', `develop.${short(tip)}`, 120_000)
  await serves('integration', '1.1.0')

  await estate.say('1.0.0', { kind: 'cut', without: [] })
  await killWhen(deploying('alpha', 'starting'))
  await estate.runs('alpha', `release-1.0.0.${short(tip)}`, 120_000)
  await estate.git('fetch', '--quiet', 'origin')
  const fix = await estate.change('release-1.0.0', 'website/VERSION', '1.1.1\n')
  await killWhen(deploying('alpha', 'verifying'))
  await estate.runs('alpha', `release-1.0.0.${short(fix)}`, 120_000)
  await serves('alpha', '1.1.1')
  await estate.signOff('alpha', 'fail')
  const pushed = estate.change('release-1.0.0', 'website/VERSION', '1.1.2\n')
  await killWhen(building)
  const second = await pushed
  await estate.runs('alpha', `release-1.0.0.${short(second)}`, 120_000)
  await serves('alpha', '1.1.2')
  await estate.signOff('alpha', 'pass')
  await until(
    () => estate.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
  await killWhen(async () => (await estate.environment('prod')).waits.some((wait) => wait.kind === 'approval'))
  await estate.approve('prod')
  await killWhen(deploying('prod', 'verifying'))
  await estate.runs('prod', 'v1.0.0', 120_000)
  await serves('prod', '1.1.2')
  await estate.phase('1.0.0', 'live', 60_000)

  // Four revisions with a website of their own, one api: five images in all, each built once, whatever was killed.
  const repository = await estate.repository()
  const digests = new Set(
    repository.builds.flatMap((build) => (build.status === 'built' ? build.candidate.images.map((image) => image.digest) : [])),
  )
  expect(digests.size).toBe(5)
  expect(await builtImages()).toBeLessThanOrEqual(5)
  expect((await estate.environment('integration')).state.epoch).toBe(2)
  expect((await estate.environment('alpha')).state.epoch).toBe(3)
  expect((await estate.environment('prod')).state.epoch).toBe(1)
  const generation = (namespace: string) =>
    estate.kubectl('--namespace', `killed-${namespace}`, 'get', 'deployment', 'website', '--output', 'jsonpath={.metadata.generation}')
  expect(await generation('alpha')).toBe('3')
  expect(await generation('prod')).toBe('1')

  for await (const { workflowId, runId } of estate.client.workflow.list()) {
    assertSummaries(workflowId, await estate.client.workflow.getHandle(workflowId, runId).fetchHistory())
  }
})

/** How many builds of an image said that they built it, over all histories: what was done twice would say so twice. */
async function builtImages(): Promise<number> {
  let built = 0
  for await (const { workflowId, runId } of estate.client.workflow.list({ query: 'WorkflowType = "build"' })) {
    const { events } = await estate.client.workflow.getHandle(workflowId, runId).fetchHistory()
    for (const event of events ?? []) {
      const data = event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data
      const result =
        data === null || data === undefined ? {} : (JSON.parse(Buffer.from(data).toString('utf8')) as { reused?: boolean; digest?: string })
      if (result.digest !== undefined && result.reused === false) built++
    }
  }
  return built
}
