import { webhookSignature } from '../../config/webhook-key.ts'
import { isSame } from './constant-time.ts'
import { headerOf, type Headers } from './headers.ts'

const MOST_SIGNATURES = 10

/**
 * A Standard Webhooks signature: an HMAC-SHA256 over id, timestamp and raw body, `v1,<base64>`, of which there may be several
 * while a key is being replaced. What is further from now than `replaySeconds` is a replay.
 */
export function isStandardWebhook(
  body: Buffer,
  headers: Headers,
  options: { readonly key: Buffer; readonly replaySeconds: number; readonly now: number },
): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headerOf(headers, name))
  if (!id || !signatures || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(options.now / 1000 - Number(timestamp)) > options.replaySeconds) return false
  const expected = webhookSignature(options.key, id, timestamp, body)
  return signatures
    .split(' ')
    .slice(0, MOST_SIGNATURES)
    .some((each) => isSame(each, expected))
}
