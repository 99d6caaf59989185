import { createHmac } from 'node:crypto'
import { isSame } from './constant-time.ts'

/** An HMAC-SHA256 over the raw body in hexadecimal digits, after what a sender writes before it. */
export function isHmacOf(body: Buffer, given: string, secret: string, prefix = ''): boolean {
  const expected = createHmac('sha256', secret).update(body).digest('hex')
  return isSame(given, `${prefix}${expected}`)
}
