import type { Signed } from '../../domain/signed.ts'

/** Who a signed word is from. */
export type Verdict = { readonly ok: true; readonly name: string; readonly key: string } | { readonly ok: false; readonly reason: string }

/** Finds out whether a word is from whom it claims: by SSH keys, or later by whatever else people prove who they are with. */
export type Verifier = (signed: Signed, who: string, signal: AbortSignal) => Promise<Verdict>
