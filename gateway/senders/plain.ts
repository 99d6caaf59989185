import { parseWebhookKey } from '../../config/webhook-key.ts'
import type { Sender } from './sender.ts'
import { anyObject } from './shapes.ts'
import { isStandardWebhook } from './standard-webhooks.ts'

/** Whatever else knows that something was pushed: any JSON object, signed as Standard Webhooks says. */
export const plain: Sender = {
  secretOf: (webhooks) => webhooks.plain?.secret ?? null,
  judgeSecret: (_webhooks, secret) => parseWebhookKey(secret),
  verify: ({ headers, body, replaySeconds, now }, _webhooks, secret) => {
    const key = parseWebhookKey(secret)
    return key.ok && isStandardWebhook(body, headers, { key: key.value, replaySeconds, now })
  },
  shapeOf: () => anyObject,
}
