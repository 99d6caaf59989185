import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createRegistry, type Registry } from '../../../activities/registry/client.ts'
import { cleanLogs } from '../../../activities/store/clean-logs.ts'
import { createFolderStore } from '../../../activities/store/folder.ts'
import { createRegistryStore, STORE_REPOSITORY, tagOf } from '../../../activities/store/registry.ts'
import { labUp } from '../../../lab/up.ts'

const DAY_MS = 24 * 3_600_000
const signal = new AbortController().signal
const log = () => Buffer.from(`a log ${randomUUID()}\n`)
let registry: Registry
beforeAll(async () => {
  const lab = await labUp({ checkout: process.cwd(), parts: ['registry'] })
  registry = createRegistry({ address: lab.registry.address, plainHttp: true }, { environment: {}, readFile: async () => '' })
})

test('in the registry an old log goes, and what deployments are made of stays', async () => {
  const store = createRegistryStore(registry)
  const old = await store.put(log(), 'text/plain; charset=utf-8', signal)
  const content = await store.put(log(), 'application/octet-stream', signal)
  // Only these two are looked at: other tests share the registry.
  const ours: Registry = { ...registry, listTags: () => pages([[tagOf(content.digest)], [], [tagOf(old.digest)]]) }
  expect(await cleanLogs('registry', ours, { olderThanMs: DAY_MS, nowMs: Date.now() }, signal)).toEqual({ logs: 0, bytes: 0 })
  expect(await cleanLogs('registry', ours, { olderThanMs: DAY_MS, nowMs: Date.now() + 2 * DAY_MS }, signal)).toEqual({
    logs: 1,
    bytes: old.bytes,
  })
  expect(await registry.resolve(STORE_REPOSITORY, tagOf(old.digest), signal)).toBeNull()
  expect(await registry.resolve(STORE_REPOSITORY, tagOf(content.digest), signal)).not.toBeNull()
  expect((await Array.fromAsync(registry.listTags(STORE_REPOSITORY, signal))).flat()).toContain(tagOf(content.digest))
  expect(await Array.fromAsync(registry.listTags(`test/none-${randomUUID()}`, signal))).toEqual([])
})

test('in a folder too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-logs-'))
  try {
    const store = createFolderStore(folder)
    const old = await store.put(log(), 'text/plain', signal)
    const young = await store.put(log(), 'text/plain', signal)
    const content = await store.put(log(), 'application/octet-stream', signal)
    const hex = tagOf(old.digest)
    await utimes(join(folder, hex.slice(0, 2), `${hex}.log`), new Date(0), new Date(0))
    expect(await cleanLogs({ folder }, registry, { olderThanMs: DAY_MS, nowMs: Date.now() }, signal)).toEqual({ logs: 1, bytes: old.bytes })
    await expect(store.get(old.digest, signal)).rejects.toMatchObject({ type: 'NotFound' })
    expect((await store.get(young.digest, signal)).length).toBe(young.bytes)
    expect((await store.get(content.digest, signal)).length).toBe(content.bytes)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

async function* pages(given: readonly (readonly string[])[]): AsyncGenerator<readonly string[]> {
  for (const page of given) yield await Promise.resolve(page)
}
