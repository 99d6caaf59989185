/**
 * What makes a signed word count once: its nonce is remembered until it expires, and after that it is refused for its age.
 * Plain text, `<expiry in base 36>.<nonce>`, for it is part of a workflow's state.
 */

/** Within the minutes that a signed word counts nobody says more; who tries waits for the oldest to expire. */
const MOST = 200

export function isUsed(nonces: readonly string[] | undefined, nonce: string): boolean {
  return (nonces ?? []).some((used) => used.slice(used.indexOf('.') + 1) === nonce)
}

/** @returns null when too many are remembered already: none of them may be forgotten before it expires */
export function withNonce(nonces: readonly string[] | undefined, nonce: string, expires: number, now: number): readonly string[] | null {
  const live = (nonces ?? []).filter((used) => Number.parseInt(used.slice(0, used.indexOf('.')), 36) > now)
  return live.length >= MOST ? null : [...live, `${expires.toString(36)}.${nonce}`]
}
