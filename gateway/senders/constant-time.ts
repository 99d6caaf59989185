import { createHmac, timingSafeEqual } from 'node:crypto'

/** Compares without telling by its time how much was right, whatever the lengths: of both, the hash is compared. */
export function isSame(given: string | Buffer, expected: string | Buffer): boolean {
  return timingSafeEqual(fixedLength(given), fixedLength(expected))
}

function fixedLength(value: string | Buffer): Buffer {
  return createHmac('sha256', 'slipway').update(value).digest()
}
