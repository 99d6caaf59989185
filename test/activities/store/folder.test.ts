import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFolderStore } from '../../../activities/store/folder.ts'

const signal = new AbortController().signal
const bytes = Buffer.from('a log\n')
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-store-'))
})
afterEach(async () => await rm(folder, { recursive: true, force: true }))

test('what is put is got, by its digest, once', async () => {
  const store = createFolderStore(join(folder, 'new'))
  const stored = await store.put(bytes, 'text/plain', signal)
  expect(stored).toEqual({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), bytes: 6 })
  expect(await store.put(bytes, 'text/plain', signal)).toEqual(stored)
  expect(await store.get(stored.digest, signal)).toEqual(bytes)
  expect((await readdir(join(folder, 'new'), { recursive: true })).length).toBe(2)
})

test('what is damaged is not given out, and written anew', async () => {
  const store = createFolderStore(folder)
  const { digest } = await store.put(bytes, 'text/plain', signal)
  const hex = digest.slice(7)
  await writeFile(join(folder, hex.slice(0, 2), `${hex}.log`), 'other')
  await expect(store.get(digest, signal)).rejects.toMatchObject({ type: 'NotFound', message: expect.stringContaining('damaged') })
  await store.put(bytes, 'text/plain', signal)
  expect(await store.get(digest, signal)).toEqual(bytes)
})

test.each([`sha256:${'0'.repeat(64)}`, '../../etc/passwd', ''])('%j is not there', async (digest) => {
  await expect(createFolderStore(folder).get(digest, signal)).rejects.toMatchObject({ type: 'NotFound' })
})

test('a folder that cannot be written is transient', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(createFolderStore(join(folder, 'file')).put(bytes, 'text/plain', signal)).rejects.toMatchObject({ nonRetryable: false })
})
