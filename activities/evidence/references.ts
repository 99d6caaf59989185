import { parseDigest, type Digest } from '../../domain/digest.ts'

/** What a record refers to in the store, wherever in it that stands. */
export type References = {
  /** What verified people signed. */
  readonly statements: ReadonlySet<Digest>
  /** Stored content such as the plan that an approver saw. */
  readonly contents: ReadonlySet<Digest>
}

export function referencesIn(...values: readonly unknown[]): References {
  const statements = new Set<Digest>()
  const contents = new Set<Digest>()
  for (const value of values) {
    walk(value, (each) => {
      if (each['kind'] === 'person' && each['verified'] === true) add(statements, each['statement'])
      if (typeof each['bytes'] === 'number') add(contents, each['digest'])
      // The plan that an approver saw, and the one that a deployment was begun with.
      add(contents, each['plan'])
      add(contents, each['whole'])
    })
  }
  return { statements, contents }
}

function add(to: Set<Digest>, digest: unknown): void {
  if (typeof digest === 'string' && parseDigest(digest).ok) to.add(digest)
}

function walk(value: unknown, visit: (each: Readonly<Record<string, unknown>>) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) visit(value as Record<string, unknown>)
  for (const each of Object.values(value)) walk(each, visit)
}
