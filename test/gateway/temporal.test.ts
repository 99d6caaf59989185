import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectLazily, type Temporal } from '../../gateway/temporal.ts'
import { createForgeRepository, type ForgeRepository } from '../../lab/forge-repository.ts'
import { labUp } from '../../lab/up.ts'
import { repositoryId } from '../../workflows/ids.ts'
import { failsTransiently, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from '../workflows/harness.ts'
import { release } from '../workflows/release.ts'
import { fromGithub, SECRETS } from './signed.ts'
import { openStand, type Stand } from './stand.ts'

/** The gateway before a real Temporal with the real workflows, and a real Gitea before the gateway. */
const world = new World('website')
let house: Awaited<ReturnType<typeof openHouse>>
let stage: Scene
let temporal: Temporal
let stand: Stand

beforeAll(async () => {
  house = await openHouse([world])
  stage = house.stage(world)
  temporal = await connected({ TEMPORAL_ADDRESS: stage.address, TEMPORAL_NAMESPACE: 'default' })
  stand = await openStand({ hint: temporal.hint, answers: temporal.answers, client: temporal.client })
  world.push('develop', 'A')
  await stage.begin()
  await stage.runs('integration', `develop.${rev('A').slice(0, 8)}`)
})
afterAll(async () => {
  await stand?.close()
  await temporal?.close()
  await house?.close()
})

const metrics = async () => (await fetch(`${stand.metricsUrl}/metrics`)).text()

test('a webhook has the repository look, and what it says itself is not believed', async () => {
  world.push('develop', 'B')
  const body = JSON.stringify({ ref: 'refs/heads/evil', after: rev('evil'), repository: { full_name: 'somebody/else' } })
  expect((await stand.send('/hooks/website/github', fromGithub('push', body))).status).toBe(202)
  await stage.runs('integration', `develop.${rev('B').slice(0, 8)}`)
  await stand.settled()
  const history = await stage.client.workflow.getHandle(repositoryId('website')).fetchHistory()
  const hints = history.events?.filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'hint') ?? []
  expect(hints.length).toBeGreaterThan(0)
  expect(hints.map((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? [])).toEqual(hints.map(() => []))
  expect(JSON.stringify(await stage.repository())).not.toContain('evil')
})

test('ready while Temporal answers', async () => {
  expect((await fetch(`${stand.url}/readyz`)).status).toBe(200)
})

test('metrics say what is open, what waits and why, and how long builds and deployments took', async () => {
  world.before = failsTransiently('apply', 1)
  world.push('develop', 'C')
  await release(stage, world, '1.0.0')
  const text = await until(metrics, (seen) => seen.includes('slipway_sprints{project="website",phase="live"} 1'), 40_000)
  expect(text).toContain('slipway_temporal_up 1')
  expect(text).toContain('slipway_unanswered_workflows 0')
  expect(text).toMatch(/slipway_waits\{project="website",of="sprint",name="1\.0\.0",reason="[a-zA-Z]+"\} 1/)
  expect(text).toMatch(/slipway_oldest_wait_seconds\{project="website",of="sprint",name="1\.0\.0",reason="[a-zA-Z]+"\} \d/)
  expect(text).toMatch(/slipway_deployment_duration_seconds_count\{project="website",environment="prod",outcome="ok"\} 1/)
  expect(text).toMatch(/slipway_build_duration_seconds_count\{project="website",outcome="ok"\} [1-9]/)
  expect(text).toContain('slipway_webhooks_total{project="website",sender="github",answer="hinted"} 1')
  expect(text).toMatch(/slipway_hints_total\{project="website",arrived="yes"\} [1-9]/)
  // Webhooks and metrics have doors of their own.
  expect((await fetch(`${stand.url}/metrics`)).status).toBe(404)
  expect((await fetch(`${stand.metricsUrl}/hooks/website/github`, { method: 'POST' })).status).toBe(404)
})

test('however many scrape, Temporal is asked once in ten seconds', async () => {
  let lists = 0
  const counted = countingLists(stage.client, () => lists++)
  const own = await openStand({ client: counted })
  try {
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${own.metricsUrl}/metrics`).then((answer) => answer.text())))
    expect(lists).toBe(3)
  } finally {
    await own.close()
  }
})

test('without Temporal what is known without it is still said', async () => {
  const nowhere = await connected({ TEMPORAL_ADDRESS: '127.0.0.1:1' })
  const own = await openStand({ client: nowhere.client, answers: nowhere.answers })
  try {
    const text = await (await fetch(`${own.metricsUrl}/metrics`)).text()
    expect(text).toContain('slipway_temporal_up 0')
    expect(text).not.toContain('slipway_sprints{')
    expect((await fetch(`${own.metricsUrl}/readyz`)).status).toBe(503)
  } finally {
    await own.close()
    await nowhere.close()
  }
})

test('the real Gitea signs what it sends, and the gateway takes it', async () => {
  const env = await labUp({ checkout: join(import.meta.dirname, '../..'), parts: ['forge'] })
  const team: ForgeRepository = await createForgeRepository(env, `gateway-test-${process.pid}`)
  const clone = mkdtempSync(join(tmpdir(), 'slipway-gateway-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=alice', '-c', 'user.email=alice@team.example', ...args], {
      stdio: 'pipe',
      env: { ...process.env, ...team.gitEnvironment },
    })
  try {
    const hook = (secret: string) => ({
      type: 'gitea',
      active: true,
      events: ['push', 'create', 'issues'],
      config: { url: `${stand.url}/hooks/website/gitea`, content_type: 'json', secret },
    })
    const made = (await team.ask('POST', '/hooks', hook(SECRETS.gitea))) as { id: number }
    await stand.settled()
    stand.hinted.length = 0
    git('init', '--quiet', '--initial-branch=develop')
    git('remote', 'add', 'origin', team.url)
    git('commit', '--quiet', '--allow-empty', '-m', 'begin')
    git('push', '--quiet', 'origin', 'develop')
    await until(
      () => stand.hinted,
      (hinted) => hinted.length > 0,
    )
    await stand.settled()
    stand.hinted.length = 0
    git('tag', 'v1.0.0')
    git('push', '--quiet', 'origin', 'v1.0.0')
    await until(
      () => stand.hinted,
      (hinted) => hinted.length > 0,
    )
    // One that does not know the secret, of the same Gitea.
    await team.ask('DELETE', `/hooks/${made.id}`)
    await team.ask('POST', '/hooks', hook('another-secret-of-somebody'))
    await stand.settled()
    stand.hinted.length = 0
    const refused = () => stand.logged.filter((line) => line.includes('"sender":"gitea"') && line.includes('unverified')).length
    git('commit', '--quiet', '--allow-empty', '-m', 'more')
    git('push', '--quiet', 'origin', 'develop')
    await until(refused, (count) => count > 0)
    expect(stand.hinted).toEqual([])
  } finally {
    await team.remove()
    rmSync(clone, { recursive: true })
  }
})

function connected(env: Record<string, string>): Promise<Temporal> {
  return connectLazily({ env, readFile: () => Promise.reject(new Error('no files here')) })
}

function countingLists(client: Client, count: () => void): Client {
  const workflow = new Proxy(client.workflow, {
    get: (target, name) => {
      if (name === 'list') count()
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return new Proxy(client, { get: (target, name) => (name === 'workflow' ? workflow : (Reflect.get(target, name, target) as unknown)) })
}
