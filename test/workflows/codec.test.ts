import { randomBytes } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { permanent } from '../../activities/failure.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import { readConverter, type Converter } from '../../worker/converter.ts'
import { createRecords } from '../../worker/records.ts'
import { run } from '../../client/run.ts'
import { sprintId } from '../../workflows/ids.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'
import { historyText } from '../fakes/every-text.ts'
import { until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'

/** A sprint whose payloads are encrypted, over a rotation of the key. */

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
const [OLD, NEW, OTHER] = [key('2025'), key('2026'), key('other')]
const PLAIN_WORDS = ['feature/secret-plans', 'the words of a failure', 'hands off, says somebody', 'refs/heads', 'Anneliese M']

let temporal: TemporalServer
let stage: Stage
let rotated: Converter
const world = new World('website')

beforeAll(async () => {
  world.push('develop', 'A')
  temporal = await startTemporal()
  const converter = await readConverter({ SLIPWAY_CODEC_KEYS: OLD })
  rotated = await readConverter({ SLIPWAY_CODEC_KEYS: `${NEW},${OLD}` })
  stage = await openStage(world, temporal, undefined, converter)
})
afterAll(async () => {
  await stage.close()
  await temporal.stop()
})

const slipway = async (keys: string | null, ...argv: string[]) => {
  let [out, err] = ['', '']
  const io = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    env: { TEMPORAL_ADDRESS: temporal.address, SLIPWAY_USER: 'Anneliese M', ...(keys === null ? {} : { SLIPWAY_CODEC_KEYS: keys }) },
    cwd: '/',
    now: () => Date.now(),
    onInterrupt: () => () => undefined,
  }
  const code = await run(['--project', 'website', ...argv], io)
  return { code, out, err }
}

/** Everything that Temporal keeps, as whoever has its database reads it. */
async function everything(): Promise<Map<string, History>> {
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection })
  const histories = new Map<string, History>()
  for await (const { workflowId, runId } of client.workflow.list())
    histories.set(`${workflowId} ${runId}`, await client.workflow.getHandle(workflowId, runId).fetchHistory())
  await connection.close()
  return histories
}

test('nothing plain is left in a history, and a worker with a rotated key goes on with what is open', { timeout: 120_000 }, async () => {
  let failures = 0
  world.before = (activity) => {
    if (activity === 'buildImage' && failures++ === 0)
      throw permanent('BuildFailed', 'the words of a failure', { log: null, lastLines: [] })
  }
  await stage.begin()
  await until(
    () => stage.repository(),
    ({ builds }) => builds.some(({ status }) => status === 'failed'),
  )
  expect(await slipway(OLD, 'start', '1.0.0', '--feature', 'feature/secret-plans')).toMatchObject({ code: 0, err: '' })
  expect(await slipway(OLD, 'lock', 'integration', '--reason', 'hands off, says somebody')).toMatchObject({ code: 0 })

  await stage.restartWorkers(undefined, rotated)
  // Said with the old key by who knows the new one already, and with the new one: both are heard.
  expect(await slipway(`${OLD},${NEW}`, 'unlock', 'integration')).toMatchObject({ code: 0 })
  // A question that waits for the worker that has gone is asked again.
  await until(
    () => slipway(`${NEW},${OLD}`, 'retry'),
    ({ code }) => code === 0,
    60_000,
  )
  await until(
    () => slipway(`${NEW},${OLD}`, 'env', 'integration', '--json'),
    ({ out }) => out.includes('"epoch": 1'),
  )
  const status = await slipway(`${NEW},${OLD}`, 'status', '1.0.0', '--json')
  expect(JSON.parse(status.out)).toMatchObject({ version: '1.0.0', features: [{ branch: 'feature/secret-plans' }] })

  const histories = await everything()
  // What is in plain would be found: the names of signals are.
  expect(historyText([...histories].find(([name]) => name.startsWith(sprintId('website', '1.0.0')))![1])).toContain('environmentReport')
  expect(histories.size).toBeGreaterThan(4)
  for (const [name, history] of histories)
    for (const word of PLAIN_WORDS) expect(historyText(history).includes(word), `${word} in ${name}`).toBe(false)
  for (const [name, history] of histories)
    for (const secret of [OLD, NEW]) expect(historyText(history).includes(secret.slice(5)), name).toBe(false)
  const [, sprint] = [...histories].find(([name]) => name.startsWith(sprintId('website', '1.0.0')))!
  expect(historyText(sprint)).toContain('2026')
})

test('what was encrypted replays, and is evidence in plain', { timeout: 60_000 }, async () => {
  const [name, history] = [...(await everything())].find(([id]) => id.startsWith(sprintId('website', '1.0.0')))!
  const workflowBundleOf = await workflowBundle({ encrypts: true })
  await Worker.runReplayHistory(
    { workflowBundle: workflowBundleOf, dataConverter: rotated.dataConverter },
    JSON.parse(historyToJSON(history)),
  )
  const [workflowId = '', runId = ''] = name.split(' ')
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection, dataConverter: rotated.dataConverter })
  const text = await createRecords(client).history({ workflowId, runId, type: 'sprint', historyBytes: 0 })
  await connection.close()
  expect(text).toContain(Buffer.from('{"project":"website"').toString('base64').slice(0, 20))
})

test('without the right key it is one sentence and an exit code', async () => {
  for (const [keys, said] of [
    [null, 'and there are none: set SLIPWAY_CODEC_KEYS_FILE'],
    [OTHER, 'and there are other: set SLIPWAY_CODEC_KEYS_FILE'],
  ] as const) {
    const { code, err } = await slipway(keys, 'status', '1.0.0')
    expect(code).toBe(1)
    expect(err).toMatch(/^what Temporal holds is encrypted with the key 202[56] of the payload codec/)
    expect(err).toContain(said)
    expect(err.trim().split('\n')).toHaveLength(1)
  }
  expect(await slipway('nonsense', 'status')).toMatchObject({
    code: 2,
    err: expect.stringContaining('found something else as the 1. of them'),
  })
})
