import { candidate, rev } from '../samples.ts'
import type { Candidate } from '../../../domain/candidate.ts'
import type { Relation } from '../../../domain/environment/preparation.ts'

type Commit = { readonly parents: readonly string[]; readonly line: ReadonlySet<string>; readonly changes: ReadonlySet<string> }

/** The git remote: refs, and of each commit what it descends from and which changes are in its tree. */
export class Remote {
  readonly refs = new Map<string, string>()
  /** Refs that a look saw rewritten, with what they were rewritten to. */
  readonly rewrites = new Set<string>()
  readonly #commits = new Map<string, Commit>()
  readonly #candidates = new Map<string, Candidate>()

  /** A commit whose tree is what its parents have, with what is brought along (a squash), and a change of its own. */
  commit(parents: readonly string[], brought: Iterable<string> = []): string {
    const name = `R${this.#commits.size}`
    const revision = rev(name)
    const known = parents.map((parent) => this.of(parent))
    const line = new Set([revision, ...known.flatMap((parent) => [...parent.line])])
    const changes = new Set([revision, ...brought, ...known.flatMap((parent) => [...parent.changes])])
    this.#commits.set(revision, { parents, line, changes })
    this.#candidates.set(revision, candidate(name))
    return revision
  }

  push(ref: string): void {
    const tip = this.refs.get(ref)
    this.refs.set(ref, this.commit(tip === undefined ? [] : [tip]))
  }

  /** `amended`: another commit takes the tip's place; `reset`: the branch goes back to where it was before. */
  rewrite(ref: string, how: 'amended' | 'reset'): void {
    const tip = this.refs.get(ref)
    const base = tip === undefined ? undefined : this.of(tip).parents[0]
    if (base === undefined) return
    const revision = how === 'reset' ? base : this.commit([base])
    this.refs.set(ref, revision)
  }

  merge(ref: string, revision: string, squash: boolean): string {
    const tip = this.refs.get(ref)!
    const made = squash ? this.commit([tip], this.of(revision).changes) : this.commit([tip, revision])
    this.refs.set(ref, made)
    return made
  }

  contains(revision: string, other: string): boolean {
    return this.of(revision).line.has(other)
  }

  /** By ancestry, or because everything it changed is there. */
  has(revision: string, other: string): boolean {
    return this.contains(revision, other) || [...this.of(other).changes].every((change) => this.of(revision).changes.has(change))
  }

  relation(a: string, b: string): Relation {
    if (a === b) return 'same'
    return this.contains(a, b) ? 'ahead' : this.contains(b, a) ? 'behind' : 'diverged'
  }

  /** So many commits of `b` are not in `a`; none where `a` has what they do. */
  lacks(a: string, b: string): number {
    if (this.relation(a, b) === 'diverged' && this.has(a, b)) return 0
    return [...this.of(b).line].filter((revision) => !this.of(a).line.has(revision)).length
  }

  candidateOf(revision: string): Candidate {
    return this.#candidates.get(revision) ?? candidate(revision)
  }

  private of(revision: string): Commit {
    const commit = this.#commits.get(revision)
    if (commit === undefined) throw new Error(`the remote has no commit ${revision}`)
    return commit
  }
}
