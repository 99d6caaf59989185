import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { clearNamespace, namespaceOf } from '../../lab/demo/namespace.ts'
import type { LabEnv } from '../../lab/env.ts'
import { startTemporal, type TemporalServer } from '../fakes/temporal-server.ts'

let server: TemporalServer
let connection: Connection
let env: LabEnv
beforeAll(async () => {
  server = await startTemporal()
  connection = await Connection.connect({ address: server.address })
  vi.stubEnv('TEMPORAL_ADDRESS', server.address)
  env = { id: 'lab7', temporal: { own: false, address: server.address, namespace: 'default' } } as unknown as LabEnv
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  await connection.close()
  await server.stop()
})

const begin = async (namespace: string) => {
  const client = new Client({ connection, namespace })
  const handle = await client.workflow.start('repository', { workflowId: 'slipway/website/repository', taskQueue: 'slipway', args: [{}] })
  return async () => (await handle.describe()).status.name
}

test("on somebody's own server the demo touches nothing but a namespace that it made", { timeout: 60_000 }, async () => {
  const theirs = await begin('default')
  await clearNamespace(env, 'website')
  const ours = await begin(namespaceOf(env, 'website'))
  expect(await ours()).toBe('RUNNING')
  await clearNamespace(env, 'website')
  await vi.waitFor(async () => expect(await ours().catch(() => 'GONE')).not.toBe('RUNNING'), { timeout: 10_000 })
  expect(await theirs()).toBe('RUNNING')

  // Another lab, or somebody who likes the name.
  await connection.workflowService.registerNamespace({
    namespace: 'slipway-demo-shop-lab7',
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  })
  await expect(clearNamespace(env, 'shop')).rejects.toThrow('did not make; it is left alone')
})
