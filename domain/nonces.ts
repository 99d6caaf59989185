/**
 * What makes a signed word count once: its nonce is remembered until it expires, and after that it is refused for its age.
 * Plain text, for it is part of a workflow's state: `<expiry in base 36>.<nonce>.<the key that signed, shortened>`.
 */

/** Within the minutes that a signed word counts nobody says more; who tries waits for the oldest to expire. */
const MOST = 200
/** Of these, by one key: nobody takes the others' words away. */
const MOST_BY_ONE_KEY = 40

export type SignedWord = { readonly nonce: string; readonly expires: number; readonly key: string }

export function isUsed(nonces: readonly string[] | undefined, nonce: string): boolean {
  return (nonces ?? []).some((used) => partsOf(used).nonce === nonce)
}

/** @returns null when too many are remembered already: none of them may be forgotten before it expires */
export function withNonce(
  nonces: readonly string[] | undefined,
  { nonce, expires, key }: SignedWord,
  now: number,
  mostByOneKey = MOST_BY_ONE_KEY,
): readonly string[] | null {
  const live = liveNonces(nonces, now)
  const by = shortKey(key)
  const own = live.filter((used) => partsOf(used).by === by).length
  return live.length >= MOST || own >= mostByOneKey ? null : [...live, `${expires.toString(36)}.${nonce}.${by}`]
}

export function liveNonces(nonces: readonly string[] | undefined, now: number): readonly string[] {
  return (nonces ?? []).filter((used) => partsOf(used).expires > now)
}

/** Of a fingerprint such as `SHA256:x1Y2…`: enough to tell a team's keys apart. */
function shortKey(key: string): string {
  return key
    .slice(key.indexOf(':') + 1)
    .replaceAll(/[^A-Za-z0-9+/]/g, '')
    .slice(0, 12)
}

/** Without those of words that are still to be said to whom these are handed. */
export function withoutNonces(nonces: readonly string[] | undefined, still: readonly (string | null)[]): readonly string[] {
  return (nonces ?? []).filter((used) => !still.includes(partsOf(used).nonce))
}

function partsOf(used: string): { readonly expires: number; readonly nonce: string; readonly by: string } {
  const [expires = '', nonce = '', by = ''] = used.split('.')
  return { expires: Number.parseInt(expires, 36), nonce, by }
}
