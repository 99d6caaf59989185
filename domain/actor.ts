/**
 * Who or what asked for something. A name is what the caller says; only a signature makes it `verified`. Then `key` is the
 * fingerprint of the SSH key that signed (`SHA256:…`), and `statement` the sha256 digest of what was signed, as it is kept
 * in the store.
 */
export type Actor =
  | { readonly kind: 'person'; readonly name: string; readonly verified: boolean; readonly key?: string; readonly statement?: string }
  | { readonly kind: 'automation'; readonly name: string }

/** One person has one name and may have several keys; one key is one person's, whatever name it signs under. */
export function isSameActor(a: Actor, b: Actor): boolean {
  if (a.name === b.name) return true
  return a.kind === 'person' && b.kind === 'person' && a.key !== undefined && a.key === b.key
}

export function actorName(actor: Actor): string {
  return actor.kind === 'automation' ? actor.name : `${actor.name}${actor.verified ? '' : ' (unverified)'}`
}
