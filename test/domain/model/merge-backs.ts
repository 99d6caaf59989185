import {
  absorbFailure,
  absorbMerge,
  absorbRetry,
  absorbYounger,
  sayMergedAs,
  stop,
  type Merged,
} from '../../../domain/merge-back/absorb.ts'
import { isEnded, newMergeBack, nextTarget, type MergeBackState, type MergeTarget } from '../../../domain/merge-back/state.ts'
import { ANNE } from '../samples.ts'
import type { Machine } from './machine.ts'

/** A merge-back's workflow; `merging` is the attempt that is under way. */
type Run = {
  state: MergeBackState
  told: MergeBackState | null
  sequence: number
  isAlive: boolean
  due: Set<string>
  merging: { readonly branch: string; readonly mergedAs: string | null; readonly afterStop: boolean } | null
}

export type MergeEnd = 'clean' | 'conflict' | 'protected' | 'moved'

export class MergeBacks {
  readonly runs = new Map<string, Run>()
  /** What was in a branch when it was looked at, or came there by the word of a person. */
  readonly #had = new Set<string>()
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** False when one of the same tag runs. */
  begin(wish: { version: string; tag: string; revision: string; younger: readonly string[] }): boolean {
    if (this.runs.get(wish.tag)?.isAlive === true) return false
    const state = newMergeBack({ ...wish, branches: ['develop', 'master'], project: 'website', by: ANNE, now: this.#machine.tick() })
    this.runs.set(wish.tag, { state, told: null, sequence: 0, isAlive: true, due: new Set(), merging: null })
    this.#loop(wish.tag)
    return true
  }

  /** False when there is none. */
  look(tag: string): boolean {
    const run = this.runs.get(tag)
    if (run?.isAlive !== true) return false
    run.due = new Set(waiting(run).map(({ branch }) => branch))
    this.#loop(tag)
    return true
  }

  stop(tag: string, reason: string): void {
    this.#change(tag, (state) => stop(state, reason, this.#machine.tick()))
  }

  setYounger(tag: string, branches: readonly string[]): void {
    this.#change(tag, (state) => absorbYounger(state, branches, this.#machine.tick()))
  }

  sayMergedAs(tag: string, branch: string, revision: string): void {
    this.#change(tag, (state) => sayMergedAs(state, branch, revision, ANNE, this.#machine.tick()))
  }

  /** Somebody ends its workflow: it says nothing any more. */
  kill(tag: string): void {
    const run = this.runs.get(tag)
    if (run !== undefined) Object.assign(run, { isAlive: false, merging: null })
  }

  /** The attempt to merge ends; `end` counts where the remote would take a push. */
  endMerge(tag: string, end: MergeEnd): void {
    const run = this.runs.get(tag)
    if (run === undefined || run.merging === null) return
    const { branch } = run.merging
    const merged = this.#mergeInto(run, run.merging, end)
    const now = this.#machine.tick()
    if (merged === 'moved') {
      run.state = absorbRetry(run.state, branch, { reason: 'it moved five times' }, now)
      this.#tell(run)
      const kind = run.state.targets.find((target) => target.branch === branch)?.status.kind
      run.merging = kind === 'stopped' ? null : { ...run.merging, afterStop: run.state.stopped !== null }
    } else {
      run.merging = null
      run.state =
        merged === 'failed' ? absorbFailure(run.state, branch, 'it is not there', now) : absorbMerge(run.state, branch, merged, now)
    }
    this.#loop(tag)
  }

  hasHad(branch: string, revision: string): boolean {
    return this.#had.has(`${branch} ${revision}`)
  }

  isMerging(tag: string): boolean {
    return (this.runs.get(tag)?.merging ?? null) !== null
  }

  work(): number {
    return [...this.runs.values()].filter(({ merging }) => merging !== null).length
  }

  #mergeInto(run: Run, { branch, mergedAs, afterStop }: NonNullable<Run['merging']>, end: MergeEnd): Merged | 'moved' | 'failed' {
    const { remote, breaches } = this.#machine
    const { tag, revision } = run.state
    const ref = `refs/heads/${branch}`
    const tip = remote.refs.get(ref)
    if (tip === undefined) return { outcome: 'absent' }
    const left = `merge-back/${tag}-into-${branch}`
    const here = (how: 'merge' | 'squash' | 'person'): Merged => {
      this.#had.add(`${branch} ${revision}`)
      return { outcome: 'contained', how, tip }
    }
    if (remote.contains(tip, revision)) return here('merge')
    if (remote.has(tip, revision)) return here('squash')
    if (mergedAs !== null) return remote.contains(tip, mergedAs) ? here('person') : 'failed'
    switch (end) {
      case 'conflict':
        return { outcome: 'conflict', files: ['README.md'], branch: left, steps: [`git merge ${tag}`] }
      case 'protected':
        return { outcome: 'protected', reason: 'a hook declined it', branch: left, steps: [`git merge ${tag}`] }
      case 'moved':
        return 'moved'
      case 'clean':
        if (afterStop) breaches.broke('stopped', `${tag} is pushed to ${branch}, and its merge-back was stopped: ${run.state.stopped}`)
        this.#had.add(`${branch} ${revision}`)
        return { outcome: 'merged', tip: remote.merge(ref, revision, false) }
      default:
        return end satisfies never
    }
  }

  #change(tag: string, change: (state: MergeBackState) => MergeBackState): void {
    const run = this.runs.get(tag)
    if (run?.isAlive !== true) return
    run.state = change(run.state)
    this.#loop(tag)
  }

  #loop(tag: string): void {
    const run = this.runs.get(tag)!
    if (!run.isAlive || run.merging !== null) return
    if (isEnded(run.state)) {
      run.isAlive = false
      return this.#report(run)
    }
    this.#tell(run)
    const target = nextTarget(run.state) ?? waiting(run).find(({ branch }) => run.due.has(branch))
    if (target === undefined) return
    run.due.delete(target.branch)
    run.merging = { branch: target.branch, mergedAs: target.mergedAs, afterStop: run.state.stopped !== null }
  }

  #tell(run: Run): void {
    if (run.state === run.told) return
    run.told = run.state
    this.#report(run)
  }

  #report(run: Run): void {
    const { version, tag, targets, stopped } = run.state
    run.sequence = Math.max(run.sequence + 1, this.#machine.tick())
    const report = { tag, sequence: run.sequence, targets, stopped, ended: isEnded(run.state) }
    this.#machine.post.send(`sprint ${version} of ${tag}`, () => this.#machine.sprints.hearMergeBack(version, report))
  }
}

function waiting({ state }: Run): MergeTarget[] {
  return state.targets.filter(({ status }) => status.kind === 'person')
}
