import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { createRegistry, type Registry } from '../../../activities/registry/client.ts'
import { createRegistryStore, STORE_REPOSITORY, tagOf } from '../../../activities/store/registry.ts'
import { labUp } from '../../../lab/up.ts'

const signal = new AbortController().signal
let registry: Registry
beforeAll(async () => {
  const lab = await labUp({ checkout: process.cwd(), parts: ['registry'] })
  registry = createRegistry({ address: lab.registry.address, plainHttp: true }, { environment: {}, readFile: async () => '' })
}, 600_000)

test('a content is an artifact that is found by its digest', async () => {
  const store = createRegistryStore(registry)
  const bytes = Buffer.from(`a log ${randomUUID()}\n`)
  const { digest } = await store.put(bytes, 'text/plain; charset=utf-8', signal)
  expect(await store.get(digest, signal)).toEqual(bytes)
  const manifest = await registry.readManifest(STORE_REPOSITORY, tagOf(digest), signal)
  expect(JSON.parse(manifest?.bytes.toString() ?? '')).toMatchObject({ layers: [{ mediaType: 'text/plain', digest, size: bytes.length }] })
  await registry.deleteManifest(STORE_REPOSITORY, manifest?.digest ?? '', signal)
})

test('putting it again writes nothing', async () => {
  const written: string[] = []
  const counting: Registry = { ...registry, writeBlob: async (...args) => (written.push('blob'), await registry.writeBlob(...args)) }
  const store = createRegistryStore(counting)
  const bytes = Buffer.from(`twice ${randomUUID()}\n`)
  const { digest } = await store.put(bytes, 'text/plain', signal)
  const before = written.length
  await store.put(bytes, 'text/plain', signal)
  expect(written.length).toBe(before)
  const manifest = await registry.resolve(STORE_REPOSITORY, tagOf(digest), signal)
  await registry.deleteManifest(STORE_REPOSITORY, manifest ?? '', signal)
})

test('an empty content is one, too', async () => {
  const store = createRegistryStore(registry)
  const { digest } = await store.put(Buffer.alloc(0), 'text/plain', signal)
  expect(await store.get(digest, signal)).toEqual(Buffer.alloc(0))
})

test.each([`sha256:${'0'.repeat(64)}`, 'sha256:x'])('%s is not there', async (digest) => {
  await expect(createRegistryStore(registry).get(digest, signal)).rejects.toMatchObject({ type: 'NotFound' })
})
