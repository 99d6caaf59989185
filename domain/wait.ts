/** A reason why something waits, and how the wait ends. Every wait has one that can be asked. */
export type Wait = {
  readonly kind:
    | 'feature'
    | 'cut'
    | 'build'
    | 'deployment'
    | 'signOff'
    | 'bugfix'
    | 'tag'
    | 'approval'
    | 'retry'
    | 'parked'
    | 'queue'
    | 'remote'
    | 'finish'
    | 'reserved'
    | 'lacks'
    | 'locked'
    | 'pinned'
    | 'hotfix'
    | 'rolledBack'
    | 'mergeBack'
    | 'drift'
    | 'freeze'
    | 'confirmation'
  /** One sentence: what is waited for, and who or what ends it. */
  readonly detail: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** When it ends by itself, where that is known. Milliseconds since 1970. */
  readonly until?: number
  /** When what does not succeed is tried next, where that is known. Milliseconds since 1970. */
  readonly nextTryAt?: number
  readonly environment?: string
  /** The request and its hash, where a person can approve or reject it. */
  readonly request?: string
  readonly hash?: string
}

/** When something is tried next, for a wait that tells it. */
export function nextTry({ nextTryAt }: { readonly nextTryAt?: number }): Pick<Wait, 'nextTryAt'> {
  return nextTryAt === undefined ? {} : { nextTryAt }
}

/** What the state machine answers to a person: it took, or why it did not and what would be possible now. */
export type Refusal = {
  readonly ok: false
  /** One sentence with the reason. */
  readonly reason: string
  /** Commands that are possible now. */
  readonly next: readonly string[]
  /** What kind of no: against the state, for want of a right, not there, or allowed and not achieved. */
  readonly kind: 'state' | 'rights' | 'notFound' | 'failed'
}

export function refuse(reason: string, next: readonly string[] = [], kind: Refusal['kind'] = 'state'): Refusal {
  return { ok: false, reason, next, kind }
}

export type Accepted<T> = { readonly ok: true } & T
export type Answer<T> = Accepted<T> | Refusal
