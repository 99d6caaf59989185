/** Who or what asked for something. A name is what the caller says; only a signature can make it `verified`. */
export type Actor =
  | { readonly kind: 'person'; readonly name: string; readonly verified: boolean }
  | { readonly kind: 'automation'; readonly name: string }

export function actorName(actor: Actor): string {
  return actor.kind === 'automation' ? actor.name : `${actor.name}${actor.verified ? '' : ' (unverified)'}`
}
