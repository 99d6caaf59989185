/** A file of a bundle. */
export type Member = { readonly path: string; readonly bytes: Buffer }

/** More than this is no bundle: it is read into memory whole. */
export const MOST_BYTES = 128 * 1024 * 1024
export const MOST_MEMBERS = 20_000

const PART = /^[A-Za-z0-9_][A-Za-z0-9._~@+-]*$/

/** Relative, of plain words: it leads nowhere but below the folder into which somebody unpacks it. */
export function isMemberPath(path: string): boolean {
  return path.length <= 250 && path.split('/').every((part) => PART.test(part))
}
