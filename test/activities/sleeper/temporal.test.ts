import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployQueue } from '../../../workflows/queues.ts'
import { ARTICLE_ENVIRONMENTS, rev, until, World } from '../../fakes/world.ts'
import { openStage, type Stage } from '../../workflows/harness.ts'
import { testHost, type TestHost } from '../ssh/host.ts'
import { hostProxy } from './host-proxy.ts'
import { startStoppable } from './start.ts'
import { applyByScript, type TemporalSleeperInput } from './temporal-worker.ts'

/** The workflows of today on a real Temporal, with two workers for one environment, of which the first falls asleep. */
const PROJECT = `late${process.pid}`
const [environment] = ARTICLE_ENVIRONMENTS
let at: TestHost
let stage: Stage
const world = new World(PROJECT, [])

beforeAll(async () => {
  at = await testHost()
  // Nobody serves the queue of the environment yet.
  stage = await openStage(world)
}, 120_000)
afterAll(async () => {
  await stage.close()
  const passwd = await readFile('/etc/passwd', 'utf8')
  const home = passwd
    .split('\n')
    .find((line) => line.startsWith(`${at.host.user}:`))!
    .split(':')[5]!
  await rm(join(home, '.slipway', `${PROJECT}.integration`), { recursive: true, force: true })
  await at.remove()
}, 60_000)

test("what the target refused is on the environment's record, though Temporal had given the attempt up", async () => {
  const [command, ran] = [join(at.folder, 'deploy.sh'), join(at.folder, 'ran')]
  await writeFile(command, `#!/bin/sh\necho "$TAG" >>${ran}\n`)
  await chmod(command, 0o755)
  const target = { host: 'h', command, timeoutSeconds: 30 }
  const asleep = Promise.withResolvers<void>()
  const proxy = await hostProxy(at.host.port, async () => {
    await sleeper.stop()
    asleep.resolve()
  })
  const host = { ...at.host, port: proxy.port, hostKey: { fingerprint: at.fingerprint } }
  const settings = environment!
  const input: TemporalSleeperInput = { address: stage.address, project: PROJECT, environment: settings, script: { target, host } }
  const sleeper = startStoppable('temporal-worker.ts', input)
  const connection = await NativeConnection.connect({ address: stage.address })
  let other: Worker | null = null
  let running: Promise<void> | null = null
  try {
    world.settings = new World(PROJECT, [settings]).settings
    world.push('develop', 'A')
    await stage.begin()
    await asleep.promise

    // The heartbeat of the first one is missed, and the next attempt is another one's.
    const apply = applyByScript({ target, host: at.host, deps: at.deps })
    const activities = { ...world.activities(), apply }
    other = await Worker.create({ connection, taskQueue: deployQueue(settings.name), activities })
    running = other.run()
    const tag = `develop.${rev('A').slice(0, 8)}`
    await stage.runs(settings.name, tag, 60_000)

    sleeper.wake()
    const { state } = await until(
      () => stage.environment(settings.name),
      (view) => view.state.entries.some(({ event }) => event === 'refused'),
      30_000,
    )
    expect(state.entries.find(({ event }) => event === 'refused')?.text).toMatch(
      /^epoch 1, attempt 1, came late and was refused by the target: .* is held by deployment 1, attempt 2, which is newer than this one/,
    )
    expect(state.current).toMatchObject({ epoch: 1, tag })
    expect(await readFile(ran, 'utf8')).toBe(`${tag}\n`)
  } finally {
    sleeper.kill()
    proxy.close()
    other?.shutdown()
    await running
    await connection.close()
  }
}, 180_000)
