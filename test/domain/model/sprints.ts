import type { EnvironmentReport } from '../../../domain/environment/report.ts'
import type { MergeBackReport } from '../../../domain/merge-back/state.ts'
import { absorbFacts, absorbMergeBack, absorbReport } from '../../../domain/sprint/absorb.ts'
import { claimOf } from '../../../domain/sprint/claim.ts'
import type { SprintCommand } from '../../../domain/sprint/commands.ts'
import type { SprintFacts } from '../../../domain/sprint/facts.ts'
import { applyMade, denied, judge } from '../../../domain/sprint/judge.ts'
import type { SprintEffect } from '../../../domain/sprint/judgement.ts'
import { isOver } from '../../../domain/sprint/phase.ts'
import { newSprint, type Beginning, type Release, type SprintState } from '../../../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../../../domain/sprint/steps.ts'
import { withdrawals } from '../../../domain/sprint/withdrawals.ts'
import { refuse, type Answer } from '../../../domain/wait.ts'
import { ANNE, SETTINGS } from '../samples.ts'
import type { Machine } from './machine.ts'

/** A sprint's workflow: what it remembers, and what only the run that goes on knows. */
type Run = { state: SprintState; told: string; heard: string; takenBack: Set<string>; following: Map<string, string> }

export class Sprints {
  readonly runs = new Map<string, Run>()
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  get(version: string): SprintState | undefined {
    return this.runs.get(version)?.state
  }

  /** False while the run before has not ended: it ends when all that it said has arrived. */
  begin(version: string, beginning: Beginning, features: readonly string[]): boolean {
    const before = this.get(version)
    if (before !== undefined && (!isOver(before.phase) || this.#machine.post.carries((to) => to.startsWith(`${version} to `)))) return false
    const project = { project: 'website', version, settings: SETTINGS, features, by: ANNE, beginning }
    this.runs.set(version, { state: newSprint({ ...project, now: this.#machine.tick() }), ...anew() })
    this.#loop(version)
    return true
  }

  hearFacts(version: string, facts: SprintFacts): void {
    this.#change(version, (state) => absorbFacts(state, facts, this.#machine.tick()))
  }

  hearEnvironment(version: string, report: EnvironmentReport): void {
    this.#change(version, (state) => absorbReport(state, report, this.#machine.tick()))
  }

  hearMergeBack(version: string, report: MergeBackReport): void {
    this.#change(version, (state) => absorbMergeBack(state, report, this.#machine.tick()))
  }

  command(version: string, command: SprintCommand): Answer<{ text: string }> {
    const before = this.get(version)
    if (before === undefined || isOver(before.phase)) return refuse(`${version} is over`)
    const judged = judge(before, command, ANNE, this.#machine.tick())
    if (!judged.ok) {
      this.#change(version, (state) => denied(state, command, judged, ANNE, this.#machine.now))
      return judged
    }
    const refs = judged.effects.flatMap((effect) => (effect.kind === 'createBranch' || effect.kind === 'createTag' ? [effect] : []))
    if (refs.length === 0) {
      this.#change(version, () => judged.state)
      for (const effect of judged.effects) this.#takeEffect(version, effect)
      return judged
    }
    for (const effect of refs) {
      const ref = `${effect.kind === 'createTag' ? 'refs/tags/' : 'refs/heads/'}${effect.name}`
      const there = this.#machine.remote.refs.get(ref) ?? effect.revision
      if (there !== effect.revision) return refuse(`${ref} is elsewhere`)
      this.#machine.remote.refs.set(ref, there)
    }
    this.#machine.post.sendInOrder(`update ${version}`, () =>
      this.#change(version, (state) => applyMade(state, command, judged, ANNE, this.#machine.now)),
    )
    return judged
  }

  /** Its workflow continues as new: what it told is forgotten, and told once more. */
  renew(version: string): void {
    const run = this.runs.get(version)
    if (run === undefined || isOver(run.state.phase)) return
    Object.assign(run, anew())
    this.#loop(version)
  }

  /** From time to time a merge-back is asked to look, and missed where it has ended without a word. */
  watch(version: string): void {
    const state = this.get(version)
    if (state?.phase !== 'mergingBack' || state.mergeBack === null || state.mergeBack.ended) return
    const { tag } = state.mergeBack
    if (this.#machine.mergeBacks.look(tag)) return
    if (!this.#machine.post.carries((to) => to === `begin ${tag}` || to === `sprint ${version} of ${tag}`))
      this.#mergeBackIsGone(version, tag)
  }

  #change(version: string, change: (state: SprintState) => SprintState): void {
    const run = this.runs.get(version)
    if (run === undefined || isOver(run.state.phase)) return
    const { state } = run
    run.state = change(state)
    if (run.state === state) return
    this.#loop(version)
    if (run.state.phase === 'finished') this.#checkMergedBack(run.state)
  }

  #loop(version: string): void {
    const run = this.runs.get(version)!
    this.#follow(run)
    this.#askEnvironments(run)
    this.#takeBack(run)
    this.#tellMergeBack(run)
    this.#tellRepository(run)
  }

  #follow(run: Run): void {
    const { version, phase } = run.state
    const open = !isOver(phase)
    for (const { name, from } of SETTINGS.environments) {
      if (from === 'develop') continue
      const claim = from === 'release' ? claimOf(run.state) : null
      if (run.following.get(name) === JSON.stringify([claim, open])) continue
      run.following.set(name, JSON.stringify([claim, open]))
      const following = { version, claim, open, at: this.#machine.tick() }
      this.#sendTo(run, name, () => this.#machine.environments.follow(name, following))
    }
  }

  #askEnvironments(run: Run): void {
    const { version } = run.state
    for (const step of sprintSteps(run.state)) {
      const at = this.#machine.tick()
      run.state = markAsked(run.state, step, at)
      const by = { kind: 'automation', name: `sprint ${version}` } as const
      const { environment, id, candidate, tag, rewritten } = step
      this.#sendTo(run, environment, () => {
        const isWanted = !isOver(run.state.phase) && run.state.asked[environment]?.at === at
        if (isWanted) this.#machine.environments.request(environment, { id, candidate, tag, version, by, at, rewritten })
      })
    }
  }

  #takeBack(run: Run): void {
    const { version } = run.state
    for (const { environment, request, ...withdraw } of withdrawals(run.state)) {
      if (run.takenBack.has(`${environment} ${request}`)) continue
      run.takenBack.add(`${environment} ${request}`)
      this.#sendTo(run, environment, () => this.#machine.environments.withdraw(environment, { version, ...withdraw }))
    }
  }

  #tellMergeBack(run: Run): void {
    const { mergeBack, phase, facts, version } = run.state
    if (mergeBack === null || mergeBack.ended || mergeBack.stopped !== null) return
    const { tag } = mergeBack
    const news = JSON.stringify([tag, phase, facts.tips ?? [], facts.younger ?? []])
    if (news === run.heard) return
    run.heard = news
    const { mergeBacks } = this.#machine
    if (phase !== 'mergingBack') return this.#sendTo(run, tag, () => mergeBacks.stop(tag, `${version} is ${phase}`))
    this.#sendTo(run, tag, () => mergeBacks.setYounger(tag, facts.younger ?? []))
    this.#sendTo(run, tag, () => mergeBacks.look(tag))
  }

  #tellRepository(run: Run): void {
    const { version, phase } = run.state
    const features = run.state.features.map((feature) => feature.branch)
    const news = JSON.stringify([phase, features])
    if (news === run.told) return
    run.told = news
    this.#sendTo(run, 'repository', () => this.#machine.repository.learn({ version, phase, features }, isOver(phase)))
  }

  #sendTo(run: Run, to: string, arrive: () => void): void {
    this.#machine.post.sendInOrder(`${run.state.version} to ${to}`, arrive)
  }

  #takeEffect(version: string, effect: SprintEffect): void {
    const younger = this.get(version)?.facts.younger ?? []
    if (effect.kind === 'mergeBack') this.#beginMergeBack(version, effect.release, younger, 5)
    const { tag } = this.get(version)?.mergeBack ?? {}
    if (effect.kind !== 'mergedAs' || tag === undefined) return
    this.#sendTo(this.runs.get(version)!, tag, () => this.#machine.mergeBacks.sayMergedAs(tag, effect.target, effect.revision))
  }

  #beginMergeBack(version: string, release: Release, younger: readonly string[], left: number): void {
    const { tag } = release
    if (this.#machine.mergeBacks.begin({ version, ...release, younger })) return
    if (left === 0) return this.#mergeBackIsGone(version, tag)
    // One of the same tag that was stopped has not ended yet.
    this.#machine.post.sendInOrder(`begin ${tag}`, () => this.#beginMergeBack(version, release, younger, left - 1))
  }

  #mergeBackIsGone(version: string, tag: string): void {
    const targets = this.get(version)?.mergeBack?.targets ?? []
    const sequence = this.#machine.tick()
    this.hearMergeBack(version, { tag, sequence, targets, stopped: 'its workflow ended without a word', ended: true })
  }

  #checkMergedBack({ version, mergeBack }: SprintState): void {
    const { breaches, mergeBacks, environments } = this.#machine
    if (mergeBack === null) return breaches.broke('mergedBack', `${version} is finished without a merge-back`)
    for (const branch of ['develop', 'master']) {
      if (!mergeBacks.hasHad(branch, mergeBack.revision))
        breaches.broke('mergedBack', `${version} is finished, and ${mergeBack.tag} is not in ${branch}`)
    }
    if (!environments.wasConfirmed('prod', mergeBack.revision))
      breaches.broke('mergedBack', `${version} is finished, and ${mergeBack.tag} was never confirmed`)
  }
}

function anew(): Omit<Run, 'state'> {
  return { told: '', heard: '', takenBack: new Set(), following: new Map() }
}
