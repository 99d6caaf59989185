import { gunzipSync } from 'node:zlib'
import { sha256 } from '../evidence/manifest.ts'
import { failed } from './exit.ts'
import type { Slipway } from './typed/slipway.ts'

/** A page holds no more, however well it was packed. */
const MOST_PAGE_BYTES = 4 * 1024 * 1024

/** The whole of something in the store, page by page, and checked against its digest. */
export async function readContent(slipway: Slipway, digest: string, mostBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for (let offset: number | null = 0; offset !== null;) {
    const page = await slipway.readContent(digest, offset)
    const part = gunzipSync(Buffer.from(page.gzip, 'base64'), { maxOutputLength: MOST_PAGE_BYTES })
    bytes += part.length
    if (bytes > mostBytes || (page.nextOffset !== null && page.nextOffset <= offset))
      throw failed(`what the store gives as ${digest} does not end`)
    parts.push(part)
    offset = page.nextOffset
  }
  const whole = Buffer.concat(parts)
  const found = `sha256:${sha256(whole)}`
  if (found !== digest) throw failed(`expected ${digest} of the store, read ${found}; nothing of it was used`)
  return whole
}
