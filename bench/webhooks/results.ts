import type { Conditions } from '../results.ts'

/** Milliseconds throughout. */
export type WebhookFindings = {
  /** The webhooks per second of each step, ascending, the same in every round; the last is the first that was too many. */
  readonly steps: readonly RateStep[]
  /** The most per second, in each round, of which 99 in 100 were answered within the limit. */
  readonly sustained: readonly number[]
  readonly limitMs: number
  /** What Temporal was told of all of them. */
  readonly hints: number
  readonly webhooks: number
}

export type RateStep = {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Answers other than 202. */
  readonly refused: number
}

export type WebhookResults = Conditions & WebhookFindings
