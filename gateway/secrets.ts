import { resolveSecret, type SecretSources } from '../config/secrets.ts'
import type { WebhooksEstate } from '../config/estate-schema.ts'
import type { Parsed } from '../domain/parsed.ts'
import { kept } from './kept.ts'
import type { Sender } from './senders/sender.ts'

export type HookSecrets = (project: string, sender: Sender, webhooks: WebhooksEstate) => Promise<Parsed<string>>

/** A secret is looked up anew after so long: it may have been replaced, and a flood may not become one of file reads. */
const KEPT_MS = 5_000

export function createHookSecrets(sources: SecretSources, now: () => number): HookSecrets {
  const known = new Map<Sender, Map<string, () => Promise<Parsed<string>>>>()
  return (project, sender, webhooks) => {
    const ofSender = known.get(sender) ?? new Map()
    known.set(sender, ofSender)
    const ask = ofSender.get(project) ?? kept(() => lookUp(sender, webhooks, sources), KEPT_MS, now)
    ofSender.set(project, ask)
    return ask()
  }
}

async function lookUp(sender: Sender, webhooks: WebhooksEstate, sources: SecretSources): Promise<Parsed<string>> {
  const reference = sender.secretOf(webhooks)
  if (reference === null) return { ok: false, problem: 'expected a secret, found none' }
  const secret = await resolveSecret(reference, sources)
  if (!secret.ok) return secret
  const judged = sender.judgeSecret(webhooks, secret.value)
  const where = 'env' in reference ? `the environment variable ${reference.env}` : `the file ${reference.file}`
  return judged.ok ? secret : { ok: false, problem: `${where}: ${judged.problem}` }
}
