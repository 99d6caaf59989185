import type { Announcement } from '../../domain/announcer/announcement.ts'
import type { NotificationEstate, SecretReference } from '../../config/estate-schema.ts'
import { resolveSecret } from '../../config/secrets.ts'
import { parseWebhookKey } from '../../config/webhook-key.ts'
import { permanent } from '../failure.ts'
import type { ForgeDeps } from '../forge/create.ts'
import { signed } from './signed.ts'
import { slackText } from './slack-text.ts'

/** What is sent, whole: the body that is signed is the body that goes. */
export type Message = { readonly url: URL; readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** @throws permanent `InvalidConfiguration` when a secret is not in place, or cannot be one */
export async function createMessage(notification: NotificationEstate, event: Announcement, deps: ForgeDeps): Promise<Message> {
  const type = { 'content-type': 'application/json', 'user-agent': 'slipway' }
  if ('slack' in notification) {
    const url = addressOf(await secretOf(notification.slack.url, deps))
    return { url, headers: type, body: JSON.stringify({ text: slackText(event) }) }
  }
  const key = parseWebhookKey(await secretOf(notification.webhook.secret, deps))
  if (!key.ok) throw permanent('InvalidConfiguration', `The key of a notification: ${key.problem}.`)
  const { url } = notification.webhook
  const address = addressOf(typeof url === 'string' ? url : await secretOf(url, deps))
  const body = JSON.stringify(webhookBody(event))
  return { url: address, headers: { ...type, ...signed(body, event.id, key.value, Date.now()) }, body }
}

/** The form that Standard Webhooks recommends: a type, when it happened, and the rest below `data`. */
function webhookBody({ kind, at, ...data }: Announcement): object {
  return { type: `slipway.${kind}`, timestamp: new Date(at).toISOString(), data }
}

async function secretOf(reference: SecretReference, { environment, readFile }: ForgeDeps): Promise<string> {
  const secret = await resolveSecret(reference, { env: environment, readFile })
  if (secret.ok) return secret.value
  throw permanent('InvalidConfiguration', `A secret of a notification: ${secret.problem}.`)
}

/** Never repeated: it may be the secret itself. */
function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  throw permanent('InvalidConfiguration', 'The address of a notification: expected https://host/path without user name and password.')
}
