import type { z } from 'zod'
import type { SecretReference, WebhooksEstate } from '../../config/estate-schema.ts'
import type { Parsed } from '../../domain/parsed.ts'
import type { Headers } from './headers.ts'

export type SenderName = keyof WebhooksEstate

/** What is asked of a delivery before anything of it counts. */
export type Delivery = { readonly headers: Headers; readonly body: Buffer; readonly replaySeconds: number; readonly now: number }

/** One that sends webhooks, and how what it sends is known. */
export type Sender = {
  /** The secret that this project shares with it; null where the project takes nothing from it. */
  readonly secretOf: (webhooks: WebhooksEstate) => SecretReference | null
  /** Whether the secret can be one at all; the problem never repeats it. */
  readonly judgeSecret: (webhooks: WebhooksEstate, secret: string) => Parsed<unknown>
  readonly verify: (delivery: Delivery, webhooks: WebhooksEstate, secret: string) => boolean
  /** What the body of an event has to look like for it to be a hint; null for an event that says nothing of refs. */
  readonly shapeOf: (headers: Headers) => z.ZodType | null
}

/** Short secrets are guessed; a forge lets one type whatever one likes. */
const SHORTEST_SECRET = 16

export function longEnough(secret: string): Parsed<unknown> {
  if (secret.length >= SHORTEST_SECRET) return { ok: true, value: secret }
  return {
    ok: false,
    problem: `expected at least ${SHORTEST_SECRET} characters, found fewer; make one with: openssl rand -hex 32`,
  }
}
