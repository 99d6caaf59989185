import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { repositoryId } from '../../workflows/ids.ts'
import { repositoryQuery } from '../../workflows/messages.ts'
import { freePort, startTemporal, type OwnServer } from '../fakes/temporal-server.ts'
import { until } from '../fakes/world.ts'

const NAMESPACE = 'later'
const ESTATE = `registry: { address: 127.0.0.1:1, plainHttp: true }
projects:
  shop:
    repository: { url: /nowhere.git }
    environments: {}
`

let folder: string
let worker: ChildProcess | undefined
let server: OwnServer | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-away-'))
})
afterEach(async () => {
  worker?.kill('SIGKILL')
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('a worker waits for the server, then for its namespace, and goes on when the server comes back', { timeout: 120_000 }, async () => {
  const [port, database] = [await freePort(), join(folder, 'temporal.db')]
  await writeFile(join(folder, 'estate.yaml'), ESTATE)
  let said = ''
  const argv = ['worker/main.ts', '--estate', join(folder, 'estate.yaml'), '--state', join(folder, 'state')]
  const env = { ...process.env, TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_NAMESPACE: NAMESPACE }
  worker = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (chunk) => (said += String(chunk)))
  const says = (words: string) =>
    until(
      async () => await Promise.resolve(said),
      (text) => text.includes(words),
      40_000,
    )

  await says(`Temporal does not answer at 127.0.0.1:${port}; trying again`)
  server = await startTemporal({ port, database })
  await says(`has no namespace ${NAMESPACE} yet; trying again`)
  const connection = await Connection.connect({ address: server.address })
  try {
    await connection.workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    })
    await says('worker is ready')
    const repository = new Client({ connection, namespace: NAMESPACE }).workflow.getHandle(repositoryId('shop'))
    const answers = () =>
      repository.query(repositoryQuery).then(
        ({ outage }) => outage?.reason ?? '',
        () => '',
      )
    const isAnswer = (reason: string) => reason.includes('/nowhere.git')
    expect(await until(answers, isAnswer, 40_000)).toContain('nowhere.git')

    await server.kill()
    server = await startTemporal({ port, database })
    // Only a worker can answer a query.
    expect(await until(answers, isAnswer, 40_000)).toContain('nowhere.git')
    expect(worker.exitCode).toBeNull()
  } finally {
    await connection.close()
  }
})
