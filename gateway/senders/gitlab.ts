import { parseWebhookKey } from '../../config/webhook-key.ts'
import { isSame } from './constant-time.ts'
import { headerOf } from './headers.ts'
import { longEnough, type Sender } from './sender.ts'
import { GITLAB_EVENTS } from './shapes.ts'
import { isStandardWebhook } from './standard-webhooks.ts'

/** GitLab: a token that it repeats, or since it can, a Standard Webhooks signature. One of them is asked for, never either. */
export const gitlab: Sender = {
  secretOf: ({ gitlab: own }) => (own === undefined ? null : 'token' in own ? own.token : own.signingToken),
  judgeSecret: ({ gitlab: own }, secret) => (own !== undefined && 'token' in own ? longEnough(secret) : parseWebhookKey(secret)),
  verify: ({ headers, body, replaySeconds, now }, { gitlab: own }, secret) => {
    if (own !== undefined && 'token' in own) return isSame(headerOf(headers, 'x-gitlab-token'), secret)
    const key = parseWebhookKey(secret)
    return key.ok && isStandardWebhook(body, headers, { key: key.value, replaySeconds, now })
  },
  shapeOf: (headers) => GITLAB_EVENTS.get(headerOf(headers, 'x-gitlab-event')) ?? null,
}
