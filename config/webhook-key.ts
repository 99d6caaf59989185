import { createHmac } from 'node:crypto'
import type { Parsed } from '../domain/parsed.ts'

const PREFIX = 'whsec_'
const FEWEST_BYTES = 24
const MOST_BYTES = 64

/**
 * The key of a Standard Webhooks signature: `whsec_` and the base64 of 24 to 64 random bytes, as the specification says
 * (https://github.com/standard-webhooks/standard-webhooks). The problem never repeats what was found.
 */
export function parseWebhookKey(secret: string): Parsed<Buffer> {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  const key = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
  if (key !== null && key.length >= FEWEST_BYTES && key.length <= MOST_BYTES) return { ok: true, value: key }
  const make = `make one with: echo "${PREFIX}$(openssl rand -base64 32)"`
  return {
    ok: false,
    problem: `expected ${PREFIX} and the base64 of ${FEWEST_BYTES} to ${MOST_BYTES} bytes, found something else; ${make}`,
  }
}

/** What the key makes of a message, as a header has it: an HMAC-SHA256 over id, timestamp and body, `v1,<base64>`. */
export function webhookSignature(key: Buffer, id: string, timestamp: string, body: string | Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
}
