import { classifyRef, isBuilt } from '../../../domain/ref-rules.ts'
import { absorbBuild, absorbLook, forgetFailure, forgetProblems, markRef } from '../../../domain/repository/absorb.ts'
import { judgeOpen, judgeStart } from '../../../domain/repository/judge-start.ts'
import { sprintFacts } from '../../../domain/repository/sprint-facts.ts'
import { closeSprint, knowSprint, wantVersion } from '../../../domain/repository/sprints.ts'
import { newRepository, type OpenSprint, type RepositoryState } from '../../../domain/repository/state.ts'
import { repositorySteps, type RepositoryStep } from '../../../domain/repository/steps.ts'
import type { Beginning } from '../../../domain/sprint/state.ts'
import { rev, SETTINGS } from '../samples.ts'
import type { Machine } from './machine.ts'

export const FEATURE = 'feature/x'

/** The repository's workflow, with its looks, builds and namings in the driver's hands. */
export class Repository {
  state: RepositoryState = newRepository('website')
  readonly builds = new Set<string>()
  readonly naming = new Map<string, RepositoryStep & { kind: 'name' }>()
  #seen = new Map<string, string>()
  #cursor = 0
  #sequence = 0
  #told = new Map<string, string>()
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  look(): void {
    const { remote } = this.#machine
    const now = new Map([...remote.refs].filter(([ref]) => isBuilt(classifyRef(ref, SETTINGS.branches) ?? { kind: 'branch' })))
    const changes = [...new Set([...now.keys(), ...this.#seen.keys()])].flatMap((ref) => {
      const [from, to] = [this.#seen.get(ref) ?? null, now.get(ref) ?? null]
      return from === to ? [] : [{ ref, from, to, rewritten: from !== null && to !== null && !remote.contains(to, from) }]
    })
    for (const { ref, to, rewritten } of changes) if (rewritten) remote.rewrites.add(`${ref} ${to}`)
    const first = this.#cursor === 0
    this.#seen = now
    this.#cursor++
    const features = this.state.sprints
      .flatMap((sprint) => sprint.features)
      .map((branch) => ({ branch, revision: rev(branch), merged: 'merge' as const }))
    const look = {
      cursor: `${this.#cursor}`,
      first,
      more: false,
      changes,
      unserved: { count: 0, names: [] },
      develop: remote.refs.get('refs/heads/develop') ?? null,
      features,
      settings: SETTINGS,
    }
    this.#set(absorbLook(this.state, look, this.#machine.tick()))
  }

  /**
   * An opening reads refs, and looks right afterwards. What goes away in between stays known: that is not played, so it is
   * looked at before.
   */
  lookIfUnseen(ref: string): void {
    if (!this.#seen.has(ref) && this.state.refs.some((tracked) => tracked.ref === ref)) this.look()
  }

  endBuild(revision: string, ok: boolean): void {
    if (!this.builds.delete(revision)) return
    const record = ok
      ? ({ status: 'built', candidate: this.#machine.remote.candidateOf(revision) } as const)
      : ({ status: 'failed', reason: 'COPY failed: no such file', log: null } as const)
    this.#set(absorbBuild(this.state, { ...record, revision, since: this.#machine.tick() }))
  }

  endNaming(key: string, ok: boolean): void {
    const step = this.naming.get(key)
    if (step === undefined) return
    this.naming.delete(key)
    this.#set(markRef(this.state, step.ref, step.revision, ok ? { named: true } : { problem: 'the registry refuses the name' }))
  }

  endAll(): void {
    for (const revision of this.builds) this.endBuild(revision, true)
    for (const key of this.naming.keys()) this.endNaming(key, true)
  }

  retryBuilds(): void {
    const failed = this.state.builds.filter(
      (build) => build.status === 'failed' && this.state.refs.some((ref) => ref.revision === build.revision),
    )
    this.#set(failed.reduce((state, build) => forgetFailure(state, build.revision), forgetProblems(this.state).state))
  }

  start(version: string): void {
    const refs = this.#refsOf(version)
    const released = refs.some(({ ref }) => ref === `refs/tags/v${version}`)
    if (judgeStart(this.state.sprints, { version, features: [], released }) !== null) return
    this.#open(version, { kind: 'new' }, [FEATURE], refs)
  }

  open(version: string, as: 'hotfix' | 'adopt'): boolean {
    const refs = this.#refsOf(version)
    const tags = refs.filter(({ ref }) => ref.startsWith('refs/tags/')).map(({ ref, revision }) => ({ tag: ref.slice(10), revision }))
    if (judgeOpen(this.state.sprints, { version, as }, { tags, branch: refs.length > tags.length }) !== null) return false
    const release = tags.at(-1) ?? null
    return this.#open(version, as === 'hotfix' && release !== null ? { kind: 'hotfix', release } : { kind: 'adopt', release }, [], refs)
  }

  /** What a sprint says of itself has arrived. */
  learn(sprint: OpenSprint, closed: boolean): void {
    this.#set(closed ? closeSprint(this.state, sprint.version) : knowSprint(this.state, sprint))
  }

  /** Its workflow continues as new: what it told is forgotten, and told once more. */
  renew(): void {
    this.#told.clear()
    this.#set(this.state)
  }

  work(): number {
    return this.builds.size + this.naming.size
  }

  #refsOf(version: string): { ref: string; revision: string }[] {
    const names = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((hotfix) => `refs/tags/v${version}${hotfix === 0 ? '' : `-hotfix${hotfix}`}`)
    return [...names, `refs/heads/release-${version}`].flatMap((ref) => {
      const revision = this.#machine.remote.refs.get(ref)
      return revision === undefined ? [] : [{ ref, revision }]
    })
  }

  #open(version: string, beginning: Beginning, features: string[], refs: { ref: string; revision: string }[]): boolean {
    if (!this.#machine.sprints.begin(version, beginning, features)) return false
    this.#told.delete(version)
    const phase = beginning.kind === 'new' || beginning.release === null ? 'integrating' : 'live'
    this.#set(wantVersion(knowSprint(this.state, { version, phase, features }), refs, this.#machine.tick()))
    return true
  }

  #set(state: RepositoryState): void {
    this.state = state
    for (const step of repositorySteps(this.state)) this.#take(step)
    for (const { version } of this.state.sprints) {
      const facts = sprintFacts(this.state, version)
      if (this.#told.get(version) === JSON.stringify(facts)) continue
      this.#told.set(version, JSON.stringify(facts))
      const told = { ...facts, sequence: ++this.#sequence }
      this.#machine.post.send(`sprint ${version}`, () => this.#machine.sprints.hearFacts(version, told))
    }
  }

  #take(step: RepositoryStep): void {
    const { environments } = this.#machine
    switch (step.kind) {
      case 'build':
        if (this.builds.has(step.revision)) return
        this.builds.add(step.revision)
        this.state = absorbBuild(this.state, { status: 'building', revision: step.revision, since: this.#machine.tick(), ref: step.ref })
        return
      case 'name':
        this.naming.set(`${step.ref} ${step.revision}`, step)
        return
      case 'handOver': {
        this.state = { ...this.state, handedOver: { ...this.state.handedOver, [step.environment]: step.candidate.revision } }
        const version = this.state.sprints.find((sprint) => sprint.phase === 'integrating')?.version ?? null
        const { environment, tag, rewritten, candidate } = step
        const by = { kind: 'automation', name: 'develop' } as const
        const request = { id: tag, candidate, tag, version, by, at: this.#machine.tick(), rewritten }
        this.#machine.post.send(`environment ${environment}`, () => environments.request(environment, request))
        return
      }
      default:
        return step satisfies never
    }
  }
}
