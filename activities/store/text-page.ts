import type { LogPage } from '../contract.ts'

/** As it lies in a history: under the 64 KiB that nothing there may exceed. */
const MOST_JSON_BYTES = 60 * 1024
const MOST_BYTES = 48 * 1024

/**
 * A page of a text, from a byte on, that ends where a character ends, so that pages put together are what was written. Control
 * characters take six bytes each in JSON, and bytes that are no UTF-8 become three: such a page is shorter.
 */
export function textPageOf(bytes: Buffer, offset: number): LogPage {
  for (let most = MOST_BYTES; ; most = Math.ceil(most / 2)) {
    const end = endOfCharacter(bytes, offset + most)
    const text = bytes.toString('utf8', offset, end)
    if (Buffer.byteLength(JSON.stringify(text)) > MOST_JSON_BYTES) continue
    return { text, totalBytes: bytes.length, nextOffset: end < bytes.length ? end : null }
  }
}

/** The last end of a character that is not behind `most`. In UTF-8 one has at most three bytes behind its first. */
function endOfCharacter(bytes: Buffer, most: number): number {
  if (most >= bytes.length) return bytes.length
  for (let end = most; end > most - 4; end--) if ((bytes[end]! & 0b1100_0000) !== 0b1000_0000) return end
  return most
}
