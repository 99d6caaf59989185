/**
 * What a person said, signed with an SSH key: `statement` is canonical JSON, `signature` the armored signature of exactly
 * those bytes. What counts is what the statement says, and nothing that stands beside it in the message.
 */
export type Signed = { readonly statement: string; readonly signature: string }

/** A signed word together with what it was taken for, for another workflow to hear it, too. */
export type Word = { readonly action: string; readonly signed: Signed }

/** The namespace of `ssh-keygen -Y sign -n`: a signature that was made for anything else does not verify. */
export const SIGNATURE_NAMESPACE = 'slipway'

export type Statement = {
  readonly format: 'slipway/1'
  readonly project: string
  /** Whom it is said to: `environment/prod`, `sprint/1.0.0` or `repository`. */
  readonly place: string
  /** What is to be done, such as `approve`. */
  readonly action: string
  /** All that the message carries besides who says it, such as the request and its hash. */
  readonly message: Readonly<Record<string, unknown>>
  /** Who says it: a person of the estate, one of their addresses, or a principal of the signers' file. */
  readonly who: string
  /** Counts once. */
  readonly nonce: string
  /** Milliseconds since 1970: when it was signed, and until when it counts. */
  readonly at: number
  readonly expires: number
}

/** Whom a word is said to. */
export const REPOSITORY_PLACE = 'repository'

export function environmentPlace(name: string): string {
  return `environment/${name}`
}

export function sprintPlace(version: string): string {
  return `sprint/${version}`
}
