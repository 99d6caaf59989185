import { headerOf } from './headers.ts'
import { isHmacOf } from './hmac.ts'
import { longEnough, type Sender } from './sender.ts'
import { GITHUB_EVENTS } from './shapes.ts'

/** GitHub: `X-Hub-Signature-256: sha256=<hex>` over the raw body. */
export const github: Sender = {
  secretOf: (webhooks) => webhooks.github?.secret ?? null,
  judgeSecret: (_webhooks, secret) => longEnough(secret),
  verify: ({ headers, body }, _webhooks, secret) => isHmacOf(body, headerOf(headers, 'x-hub-signature-256'), secret, 'sha256='),
  shapeOf: (headers) => GITHUB_EVENTS.get(headerOf(headers, 'x-github-event')) ?? null,
}
