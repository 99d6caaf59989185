import type { Verification } from '../../evidence/verify.ts'
import { iso } from '../view/duration.ts'

/** `slipway verify-evidence --json`; stable, see docs/json.md. */
export type VerificationJson = {
  /** True when nothing was found that does not hold. */
  readonly ok: boolean
  /** True when signatures were held against a file of allowed signers. */
  readonly signersAsked: boolean
  readonly project: string | null
  readonly version: string | null
  readonly phase: string | null
  readonly exportedAt: string | null
  /** Whose key signed the bundle, as the allowed signers name it; null: nobody's, or not checked. */
  readonly signedBy: string | null
  readonly statements: readonly {
    readonly who: string
    /** As the allowed signers name the key; null: not checked. */
    readonly principal: string | null
    readonly key: string
    readonly action: string
    readonly place: string
    readonly at: string
    readonly digest: string
  }[]
  readonly problems: readonly string[]
  /** What could not be judged, or is missing and said to be. */
  readonly notes: readonly string[]
}

export function composeVerification(found: Verification, signersAsked: boolean): VerificationJson {
  const { ok, head, signedBy, words, problems, notes } = found
  return {
    ok,
    signersAsked,
    project: head?.project ?? null,
    version: head?.version ?? null,
    phase: head?.phase ?? null,
    exportedAt: head === null ? null : time(head.exportedAt),
    signedBy,
    statements: words.map(({ who, principal, fingerprint, action, place, at, digest }) => ({
      who,
      principal,
      key: fingerprint,
      action,
      place,
      at: time(at),
      digest,
    })),
    problems,
    notes,
  }
}

/** A bundle is anybody's: what is no time shall not end the check. */
function time(at: number): string {
  return Number.isFinite(at) && Math.abs(at) < 8.64e15 ? iso(at) : 'no time'
}
