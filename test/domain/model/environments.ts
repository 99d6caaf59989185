import { absorbSurvey } from '../../../domain/environment/adopt.ts'
import { heldBy } from '../../../domain/environment/lock.ts'
import { absorbReport, startDeployment, type DeploymentReport } from '../../../domain/environment/deployments.ts'
import { absorbFreeze } from '../../../domain/environment/freeze.ts'
import { absorbDrift } from '../../../domain/environment/drift.ts'
import { judgeInspect } from '../../../domain/environment/judge-inspect.ts'
import type { Judged } from '../../../domain/environment/judged.ts'
import { absorbPreparation, absorbUnpreparable, beginPreparation } from '../../../domain/environment/preparation.ts'
import { concernedVersions, reportFor } from '../../../domain/environment/report.ts'
import { judgeResolve, type ResolveWish } from '../../../domain/environment/judge-resolve.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import { absorbFollowing, type Following } from '../../../domain/environment/reservation.ts'
import {
  newEnvironment,
  type DeployRequest,
  type EnvironmentState,
  type Preparation,
  type WaitingRequest,
} from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { goesBackFirst, takesPlace } from '../../../domain/environment/takes-place.ts'
import { absorbWithdraw, type Withdraw } from '../../../domain/environment/withdraw.ts'
import { ANNE, preparation, request as wish, SETTINGS, settingsOf } from '../samples.ts'
import { Guard } from './guard.ts'
import type { Machine } from './machine.ts'

/** Rendering for a request: before it is judged (`first`), or once more before what was approved starts. */
type Rendering = {
  readonly waiting: WaitingRequest
  readonly first: boolean
  readonly replaces: { readonly epoch: number; readonly revision: string } | null
}

/** An environment's workflow, and the deployment that it has begun. */
type Run = {
  state: EnvironmentState
  told: EnvironmentState | null
  news: Map<string, string>
  gaveWay: number
  stoodDown: number
  rendering: Rendering | null
  deployment: { readonly epoch: number; readonly isFirst: boolean; halts: number; halt: number | null } | null
}

/** `halted`: it stands still at a hook before it, at one after it, or behind what cannot be taken back. */
export type DeploymentHalt = 'before' | 'after' | 'verifying'

export type DeploymentEnd = 'verified' | 'intact' | 'intactAtHook' | 'stopped' | 'restored' | 'broken' | 'unhealthy' | 'brokenUnhealthy'

export class Environments {
  readonly runs = new Map<string, Run>(SETTINGS.environments.map(({ name }) => [name, newRun(name)]))
  /** What overlays and compose files say; another content is another snapshot. */
  content = 'content'
  /** What is released now says that this cannot be taken back. */
  irreversible: string | null = null
  readonly #machine: Machine
  readonly #guard: Guard

  constructor(machine: Machine) {
    this.#machine = machine
    this.#guard = new Guard(machine)
  }

  get(name: string): EnvironmentState {
    return this.runs.get(name)!.state
  }

  request(name: string, request: DeployRequest): void {
    if (request.version !== null) this.runs.get(name)!.news.delete(request.version)
    this.#change(name, (state) => absorbRequest(state, request, this.#machine.tick()))
  }

  withdraw(name: string, withdraw: Withdraw): void {
    this.#change(name, (state) => absorbWithdraw(state, withdraw, this.#machine.tick()))
  }

  follow(name: string, following: Following): void {
    if (following.open) this.runs.get(name)!.news.delete(following.version)
    this.#change(name, (state) => absorbFollowing(state, following, this.#machine.tick()))
  }

  /** A person says something; what it comes to is noted for the laws. */
  hear(
    name: string,
    judgement: (state: EnvironmentState, now: number) => Judged,
    onYes: (guard: Guard) => void = () => undefined,
  ): boolean {
    const { state, answer } = judgement(this.get(name), this.#machine.tick())
    if (answer.ok) onYes(this.#guard)
    this.#change(name, () => state)
    return answer.ok
  }

  /** A person forces this way back. */
  forced(name: string, request: string): void {
    this.#guard.forced.add(`${name} ${request}`)
  }

  /** What ran before Slipway came is taken over. */
  adopt(name: string, epoch: number): void {
    const revision = this.#machine.remote.refs.get('refs/heads/master')
    if (revision === undefined) return
    const { snapshot } = preparation(wish('old', { candidate: this.#machine.remote.candidateOf(revision), tag: 'old' }), null, 'old')
    const survey = { found: { tag: 'old', snapshot, observed: [] }, epoch, settings: settingsOf(name) }
    this.hear(
      name,
      (state, now) => absorbSurvey(state, survey, ANNE, now),
      (guard) => guard.adopted(name, snapshot.hash, epoch),
    )
  }

  /** A freeze begins or ends. */
  freeze(name: string, on: boolean): void {
    const windows = on ? [{ name: 'weekend', kind: 'deny' as const }] : []
    const answer = { open: !on, windows, until: null, untilWords: null, rollbacks: 'pass' as const }
    this.#change(name, (state) => absorbFreeze(state, answer, this.#machine.tick()))
  }

  /** The target is looked at, and somebody has changed it by hand or has not. */
  inspect(name: string, drifted: boolean): void {
    const finding = { object: 'deployment/website', field: '.spec.replicas', expected: '2', found: '5', by: 'kubectl-edit', at: 1 }
    this.#change(name, (state) =>
      judgeInspect(state).ok ? absorbDrift(state, { drift: drifted ? [finding] : [], left: 0 }, this.#machine.tick()) : state,
    )
  }

  /** Its workflow continues as new: what it told is forgotten, and told once more. */
  renew(name: string): void {
    const run = this.runs.get(name)!
    if (run.rendering !== null) return
    run.news.clear()
    run.told = null
    this.#tell(run)
  }

  endRendering(name: string, ok: boolean): void {
    const run = this.runs.get(name)!
    const { rendering } = run
    if (rendering === null) return
    run.rendering = null
    const { waiting, first, replaces } = rendering
    const { request, stage } = waiting
    // Taken back or superseded meanwhile: nobody waits for it.
    if (!run.state.waiting.some((other) => other.request.id === request.id)) return this.#loop(run)
    const rendered = this.#rendered(request, replaces?.epoch ?? null)
    // Taken over meanwhile: what it replaces is not what was there when it was rendered.
    if (ok && !first && stage.kind === 'ready' && (replaces?.epoch ?? null) !== (run.state.current?.epoch ?? null)) return this.#loop(run)
    if (ok && !first && (heldBy(run.state, request) !== null || goesBackFirst(run.state))) return this.#loop(run)
    if (ok && !first && stage.kind === 'ready' && rendered.requestHash === stage.approval?.hash) {
      this.#start(run, waiting, stage.preparation)
      return this.#loop(run)
    }
    const { remote } = this.#machine
    const relation = replaces === null ? null : remote.relation(request.candidate.revision, replaces.revision)
    const lacks = replaces === null ? 0 : remote.lacks(request.candidate.revision, replaces.revision)
    const prepared = { preparation: rendered, relation, lacks, settings: settingsOf(name) }
    run.state = ok
      ? absorbPreparation(run.state, request, prepared, this.#machine.tick())
      : absorbUnpreparable(run.state, request, 'the overlay does not render', this.#machine.tick())
    this.#loop(run)
  }

  #rendered(request: DeployRequest, replacesEpoch: number | null): Preparation {
    const { irreversible: name } = this
    const made = preparation(request, replacesEpoch, `${this.content}${name ?? ''}`)
    return name === null ? made : { ...made, snapshot: { ...made.snapshot, irreversible: { name, reason: 'the column is gone' } } }
  }

  /** A deployment cannot go on by itself. */
  halt(name: string, step: DeploymentHalt): void {
    const { deployment } = this.runs.get(name)!
    if (deployment === null || this.get(name).running?.request.rollback !== undefined) return
    const number = ++deployment.halts
    deployment.halt = number
    const choices = [
      'retry',
      'abort',
      ...(step === 'verifying' ? [] : ['skip' as const]),
      ...(step === 'before' ? [] : ['rollback' as const]),
    ] as const
    const hook = step === 'verifying' ? null : 'migrate'
    const report = {
      epoch: deployment.epoch,
      kind: 'halted',
      number,
      step,
      hook,
      reason: 'nobody knows',
      observed: [],
      log: null,
      choices,
    } as const
    this.#machine.post.send(`environment ${name}`, () => this.#report(name, report))
  }

  /** What a person decides reaches the deployment, which goes on or ends. */
  resolve(name: string, wish: ResolveWish): boolean {
    const run = this.runs.get(name)!
    const step = run.state.running?.halt?.step
    const { resolution, ...result } = judgeResolve(run.state, wish, this.#machine.tick())
    this.#change(name, () => result.state)
    const { deployment } = run
    if (resolution !== undefined && deployment !== null && deployment.halt === resolution.halt) {
      deployment.halt = null
      if (resolution.choice === 'abort') this.endDeployment(name, step === 'before' ? 'intactAtHook' : 'broken', false)
      if (resolution.choice === 'rollback') this.endDeployment(name, 'restored', false)
    }
    return result.answer.ok
  }

  /** The newest attempt cannot be done now, and is tried again. */
  stall(name: string): void {
    const epoch = this.runs.get(name)!.deployment?.epoch
    if (epoch !== undefined)
      this.#report(name, { epoch, kind: 'progress', step: 'applying', attempt: 2, retry: { reason: 'no route to host', at: 0 } })
  }

  endDeployment(name: string, end: DeploymentEnd, doubled: boolean): void {
    const run = this.runs.get(name)!
    const { deployment } = run
    if (deployment === null || (deployment.halt !== null && end !== 'stopped' && end !== 'broken')) return
    run.deployment = null
    const report = reportOf(deployment.epoch, deployment.isFirst && (end === 'restored' || end === 'unhealthy') ? 'broken' : end)
    for (let times = doubled ? 2 : 1; times > 0; times--) this.#machine.post.send(`environment ${name}`, () => this.#report(name, report))
    this.#report(name, { epoch: deployment.epoch, kind: 'progress', step: 'verifying', attempt: 2, retry: null })
  }

  /** QA signed it off there, or what contains it. */
  wasConfirmed(name: string, revision: string): boolean {
    const { remote } = this.#machine
    return [...this.#guard.confirmed].some((known) => known.startsWith(`${name} `) && remote.has(known.slice(-40), revision))
  }

  work(): number {
    return [...this.runs.values()].filter(
      ({ rendering, deployment }) => rendering !== null || (deployment !== null && deployment.halt === null),
    ).length
  }

  #report(name: string, report: DeploymentReport): void {
    const before = this.get(name)
    if (report.kind !== 'progress' && before.running?.epoch === report.epoch) this.#guard.ended(name, before, report)
    this.#change(name, (state) => absorbReport(state, report, this.#machine.tick()))
  }

  #change(name: string, change: (state: EnvironmentState) => EnvironmentState): void {
    const run = this.runs.get(name)!
    const before = run.state
    run.state = change(before)
    if (run.state !== before) this.#loop(run)
  }

  #loop(run: Run): void {
    for (let step = run.rendering === null ? environmentStep(run.state) : null; step !== null;) {
      const { waiting } = step
      const { stage } = waiting
      const { current } = run.state
      const replaces = current === null ? null : { epoch: current.epoch, revision: current.snapshot.candidate.revision }
      if (step.kind === 'prepare') {
        run.state = beginPreparation(run.state, waiting.request, this.#machine.tick())
        run.rendering = { waiting, first: true, replaces }
      } else if (stage.kind === 'ready' && stage.approval !== null) {
        run.rendering = { waiting, first: false, replaces }
      } else this.#start(run, waiting, step.preparation)
      step = run.rendering === null ? environmentStep(run.state) : null
    }
    this.#tell(run)
  }

  #start(run: Run, waiting: WaitingRequest, prepared: Preparation): void {
    const { name } = run.state
    const approved = waiting.stage.kind === 'ready' ? waiting.stage.approval : null
    this.#guard.starts(run.state, waiting.request, prepared, approved?.hash ?? null, run.deployment !== null)
    const isBroken = run.state.freeze?.open === false && waiting.request.rollback === undefined
    run.state = startDeployment(run.state, waiting, prepared, this.#machine.tick())
    if (isBroken && run.state.unconfirmed.at(-1)?.epoch !== run.state.epoch)
      this.#machine.breaches.broke('frozen', `${waiting.request.tag} starts on ${name} in a freeze, and nobody is asked to confirm that`)
    this.#guard.started(name, run.state.epoch)
    this.#guard.begun(name, run.state.epoch, prepared, waiting.request.rollback !== undefined)
    run.deployment = { epoch: run.state.epoch, isFirst: run.state.current === null, halts: 0, halt: null }
  }

  #tell(run: Run): void {
    if (run.state === run.told) return
    const { name } = run.state
    for (const version of concernedVersions(run.state)) {
      const { sequence: _sequence, ...picture } = reportFor(run.state, version)
      if (run.news.get(version) === JSON.stringify(picture)) continue
      run.news.set(version, JSON.stringify(picture))
      run.state = { ...run.state, sequence: run.state.sequence + 1 }
      const report = { ...picture, sequence: run.state.sequence }
      this.#machine.post.send(`sprint ${version}`, () => this.#machine.sprints.hearEnvironment(version, report))
    }
    run.told = run.state
    this.#giveWay(name, run)
  }

  #giveWay(name: string, run: Run): void {
    const { running, waiting, settings } = run.state
    if (running === null || running.epoch === run.stoodDown) return
    if (waiting.some(({ request }) => request.rollback !== undefined)) {
      run.stoodDown = running.epoch
      this.#machine.post.sendInOrder(`environment ${name} stands down`, () => {
        if (run.deployment?.epoch === running.epoch) this.endDeployment(name, 'stopped', false)
      })
      return
    }
    if (running.epoch === run.gaveWay || (running.retry === null && (running.halt === undefined || settings?.guarded === true))) return
    if (!waiting.some((each) => takesPlace(run.state, each, running))) return
    run.gaveWay = running.epoch
    this.#machine.post.sendInOrder(`environment ${name} gives way`, () => {
      if (run.deployment?.epoch === running.epoch) this.endDeployment(name, 'broken', false)
    })
  }
}

function newRun(name: string): Run {
  return {
    state: newEnvironment('website', name),
    told: null,
    news: new Map(),
    gaveWay: 0,
    stoodDown: 0,
    rendering: null,
    deployment: null,
  }
}

const FAILED = { kind: 'failed', reason: 'the pods crash', observed: ['CrashLoopBackOff'], log: null, heldEpoch: null } as const

function reportOf(epoch: number, end: DeploymentEnd): DeploymentReport {
  if (end === 'verified') return { epoch, kind: 'verified', observed: ['2 of 2 replicas are ready'] }
  if (end === 'intactAtHook') return { ...FAILED, epoch, step: 'before', target: 'intact' }
  if (end === 'stopped') return { ...FAILED, epoch, step: 'applying', target: 'broken', stopped: true }
  const target = end === 'unhealthy' ? 'restored' : end === 'brokenUnhealthy' ? 'broken' : end
  return { ...FAILED, epoch, step: 'verifying', target, unhealthy: end === 'unhealthy' || end === 'brokenUnhealthy' }
}
