/**
 * The mirror's own ref that keeps what a ref of the remote names. The name is one flat word, so that a branch `a` that was
 * deleted never stands in the way of a branch `a/b`; names have passed `parseRefName`, which knows no `%`.
 *
 * @param ref a full ref name of the remote
 */
export function heldAt(ref: string): string {
  return `refs/slipway/held/${ref.replace(/^refs\//, '').replaceAll('/', '%')}`
}
