import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHouseActivities, type HouseDeps } from '../../../activities/house/activities.ts'
import { createFolderStore } from '../../../activities/store/folder.ts'

const signal = new AbortController().signal
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-read-log-'))
})
afterEach(async () => await rm(folder, { recursive: true, force: true }))

test.each([
  ['Chinese', '构建镜像：网站与接口。\n'.repeat(20_000)],
  ['one byte behind everything else', `a${'构'.repeat(100_000)}`],
  ['characters of four bytes', `ab${'🚢'.repeat(50_000)}`],
  ['control characters', '\u001b[31m\u0000\u0007'.repeat(40_000)],
  ['a short line', 'done\n'],
  ['nothing', ''],
])('the pages of a log are put together what was written: %s', async (_, text) => {
  const pages = await pagesOf(Buffer.from(text))
  expect(pages.map((page) => page.text).join('') === text).toBe(true)
  for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(64 * 1024)
})

test('bytes that are no UTF-8 end nothing', async () => {
  const pages = await pagesOf(Buffer.alloc(300_000, 0b1000_0001))
  expect(pages.map((page) => page.text).join('').length).toBe(300_000)
  for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(64 * 1024)
})

async function pagesOf(bytes: Buffer) {
  const store = createFolderStore(folder)
  const house = createHouseActivities({ store, attempt: () => ({ signal, heartbeat: () => undefined }) } as unknown as HouseDeps)
  const { digest } = await store.put(bytes, 'text/plain', signal)
  const pages = []
  for (let offset: number | null = 0; offset !== null;) {
    const page = await house.readLog({ digest, offset })
    pages.push(page)
    offset = page.nextOffset
  }
  return pages
}
