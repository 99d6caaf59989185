import { webhookSignature } from '../../config/webhook-key.ts'

/** The headers of Standard Webhooks. The id is the event's, the same at every attempt; the time is the attempt's. */
export function signed(body: string, id: string, key: Buffer, now: number): Record<string, string> {
  const timestamp = `${Math.floor(now / 1000)}`
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': webhookSignature(key, id, timestamp, body) }
}
