import { gzipSync } from 'node:zlib'
import type { ContentPage } from '../contract.ts'

/** In base64 under the 64 KiB that a history may hold. */
const MOST_GZIPPED = 45_000
const MOST_PLAIN = 1024 * 1024

/** As much as fits: what is packed well is read in few pages. */
export function pageOf(bytes: Buffer, offset: number): ContentPage {
  for (let length = Math.min(MOST_PLAIN, bytes.length - offset); ; length = Math.ceil(length / 2)) {
    const gzipped = gzipSync(bytes.subarray(offset, offset + length))
    if (gzipped.length > MOST_GZIPPED) continue
    const end = offset + length
    return { gzip: gzipped.toString('base64'), totalBytes: bytes.length, nextOffset: end < bytes.length ? end : null }
  }
}
