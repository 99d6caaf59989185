import { headerOf, type Headers } from './headers.ts'
import { isHmacOf } from './hmac.ts'
import { longEnough, type Sender } from './sender.ts'
import { GITHUB_EVENTS } from './shapes.ts'

/** Gitea and Forgejo: the hexadecimal digits alone, each under its own name. */
export const gitea: Sender = {
  secretOf: (webhooks) => webhooks.gitea?.secret ?? null,
  judgeSecret: (_webhooks, secret) => longEnough(secret),
  verify: ({ headers, body }, _webhooks, secret) => isHmacOf(body, own(headers, 'signature'), secret),
  shapeOf: (headers) => GITHUB_EVENTS.get(own(headers, 'event')) ?? null,
}

function own(headers: Headers, what: string): string {
  return headerOf(headers, `x-gitea-${what}`) || headerOf(headers, `x-forgejo-${what}`)
}
