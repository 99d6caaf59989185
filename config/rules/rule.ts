import type { Mistake, Path } from '../problem.ts'

/**
 * A rule judges what a schema cannot: how parts of the file go together. It sees the file as it was written, without
 * defaults, and without what is already known to be wrong, so that all mistakes come at once and none twice.
 */
export type Rule<T> = (file: Draft<T>, known: { readonly spoilt: (path: Path) => boolean }) => readonly Mistake[]

/** A file of which any part may be missing. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T

/** The entries of a part that may be missing, and of those the ones that are not. */
export function entriesOf<T>(part: { readonly [name: string]: T | undefined } | undefined): readonly (readonly [string, T])[] {
  return Object.entries(part ?? {}).flatMap(([name, each]) => (each === undefined ? [] : [[name, each] as const]))
}
