import type { Candidate } from '../../../domain/candidate.ts'
import type { SprintCommand } from '../../../domain/sprint/commands.ts'
import { absorbReport as absorbDeployment, startDeployment, type DeploymentReport } from '../../../domain/environment/deployments.ts'
import { judgeRetry } from '../../../domain/environment/judge-retry.ts'
import { judgeSignOff } from '../../../domain/environment/judge-sign-off.ts'
import { judgeApprove, judgeReject } from '../../../domain/environment/judge-vote.ts'
import { absorbPreparation, absorbUnpreparable, beginPreparation, type Relation } from '../../../domain/environment/preparation.ts'
import { concernedVersions, reportFor } from '../../../domain/environment/report.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import { newEnvironment, type DeployRequest, type EnvironmentState, type Preparation } from '../../../domain/environment/state.ts'
import { environmentStep } from '../../../domain/environment/steps.ts'
import { absorbWithdraw } from '../../../domain/environment/withdraw.ts'
import { environmentWaits } from '../../../domain/environment/waits.ts'
import { classifyRef, isBuilt } from '../../../domain/ref-rules.ts'
import { absorbBuild, absorbLook, forgetFailure, markRef } from '../../../domain/repository/absorb.ts'
import { judgeStart } from '../../../domain/repository/judge-start.ts'
import { sprintFacts } from '../../../domain/repository/sprint-facts.ts'
import { closeSprint, knowSprint, wantVersion } from '../../../domain/repository/sprints.ts'
import { newRepository, type RepositoryState } from '../../../domain/repository/state.ts'
import { repositorySteps, type RepositoryStep } from '../../../domain/repository/steps.ts'
import { absorbFacts, absorbReport } from '../../../domain/sprint/absorb.ts'
import { applyMade, denied, judge } from '../../../domain/sprint/judge.ts'
import { newSprint, type SprintState } from '../../../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../../../domain/sprint/steps.ts'
import { withdrawals } from '../../../domain/sprint/withdrawals.ts'
import { ANNE, candidate, preparation, rev, SETTINGS, settingsOf } from '../samples.ts'

/** A message that is on its way. What is `ordered` arrives in order among its like; all else in any order. */
type Message = { readonly to: string; readonly ordered: boolean; readonly arrive: () => void }

type Rendering = { readonly request: DeployRequest; readonly replaces: number | null; readonly againstRevision: string | null }

/**
 * Repository, sprints and environments by their rules alone, with the activities, the clock and the post in the hands of
 * whoever drives it: everything may be late, doubled, reordered (but for what the post keeps in order) or fail.
 */
export class Machine {
  now = 1000
  names = 0
  readonly refs = new Map<string, string>()
  readonly parents = new Map<string, string[]>()
  seen = new Map<string, string>()
  cursor = 0
  repository: RepositoryState = newRepository('website')
  readonly sprints = new Map<string, SprintState>()
  readonly environments = new Map<string, EnvironmentState>(
    SETTINGS.environments.map(({ name }) => [name, newEnvironment('website', name)]),
  )
  readonly post: Message[] = []
  readonly builds = new Set<string>()
  readonly naming = new Map<string, RepositoryStep & { kind: 'name' }>()
  readonly rendering = new Map<string, Rendering>()
  /** What stands on each target, and with which epoch it was put there: the fence. */
  readonly deployments = new Map<string, { epoch: number; preparation: Preparation }>()
  readonly approvals = new Set<string>()
  readonly candidates = new Map<string, Candidate>()
  readonly takenBack = new Set<string>()
  content = 'content'
  sequence = 0
  told = new Map<string, string>()
  toldPhase = new Map<string, string>()

  tick(): number {
    return ++this.now
  }

  // ---- git ---------------------------------------------------------------------------------------------------------

  push(ref: string, rewrite: boolean): void {
    const name = `R${this.names++}`
    const before = this.refs.get(ref)
    this.parents.set(rev(name), before === undefined || rewrite ? [] : [before])
    this.candidates.set(rev(name), candidate(name))
    this.refs.set(ref, rev(name))
  }

  contains(revision: string, other: string): boolean {
    return revision === other || (this.parents.get(revision) ?? []).some((parent) => this.contains(parent, other))
  }

  relation(a: string, b: string): Relation {
    if (a === b) return 'same'
    return this.contains(a, b) ? 'ahead' : this.contains(b, a) ? 'behind' : 'diverged'
  }

  // ---- repository ----------------------------------------------------------------------------------------------------

  look(): void {
    const first = this.cursor === 0
    const now = new Map([...this.refs].filter(([ref]) => isBuilt(classifyRef(ref, SETTINGS.branches) ?? { kind: 'branch' })))
    const changes = [...new Set([...now.keys(), ...this.seen.keys()])].flatMap((ref) => {
      const [from, to] = [this.seen.get(ref) ?? null, now.get(ref) ?? null]
      return from === to ? [] : [{ ref, from, to, rewritten: from !== null && to !== null && !this.contains(to, from) }]
    })
    this.seen = now
    this.cursor++
    const look = {
      cursor: `${this.cursor}`,
      first,
      more: false,
      changes,
      unserved: { count: 0, names: [] },
      develop: this.refs.get('refs/heads/develop') ?? null,
    }
    const features = this.repository.sprints
      .flatMap((sprint) => sprint.features)
      .map((branch) => ({ branch, revision: rev(branch), merged: 'merge' as const }))
    this.setRepository(absorbLook(this.repository, { ...look, features, settings: SETTINGS }, this.tick()))
  }

  setRepository(state: RepositoryState): void {
    this.repository = state
    for (const step of repositorySteps(state)) this.takeRepositoryStep(step)
    for (const { version } of this.repository.sprints) {
      const facts = sprintFacts(this.repository, version)
      if (this.told.get(version) === JSON.stringify(facts)) continue
      this.told.set(version, JSON.stringify(facts))
      const sequence = ++this.sequence
      this.send(`sprint ${version}`, false, () =>
        this.onSprint(version, (sprint) => absorbFacts(sprint, { ...facts, sequence }, this.tick())),
      )
    }
  }

  takeRepositoryStep(step: RepositoryStep): void {
    switch (step.kind) {
      case 'build':
        if (this.builds.has(step.revision)) throw new Error(`${step.ref} is built twice at once`)
        this.builds.add(step.revision)
        this.repository = absorbBuild(this.repository, { status: 'building', revision: step.revision, since: this.tick(), ref: step.ref })
        return
      case 'name':
        this.naming.set(`${step.ref} ${step.revision}`, step)
        return
      case 'handOver': {
        this.repository = { ...this.repository, handedOver: { ...this.repository.handedOver, [step.environment]: step.candidate.revision } }
        const version = this.repository.sprints.find((sprint) => sprint.phase === 'integrating')?.version ?? null
        const { tag, rewritten } = step
        this.ask(step.environment, {
          id: tag,
          candidate: step.candidate,
          tag,
          version,
          by: { kind: 'automation', name: 'develop' },
          at: this.tick(),
          rewritten,
        })
        return
      }
      default:
        return step satisfies never
    }
  }

  endBuild(revision: string, ok: boolean): void {
    this.builds.delete(revision)
    const since = this.tick()
    const made = this.candidates.get(revision) ?? candidate(revision)
    const record = ok
      ? ({ status: 'built', candidate: made } as const)
      : ({ status: 'failed', reason: 'COPY failed: no such file', log: null } as const)
    this.setRepository(absorbBuild(this.repository, { ...record, revision, since }))
  }

  endNaming(key: string, ok: boolean): void {
    const step = this.naming.get(key)
    if (step === undefined) return
    this.naming.delete(key)
    this.setRepository(
      markRef(this.repository, step.ref, step.revision, ok ? { named: true } : { problem: 'the registry refuses the name' }),
    )
  }

  retryBuilds(): void {
    const failed = this.repository.builds.filter(
      (build) => build.status === 'failed' && this.repository.refs.some((ref) => ref.revision === build.revision),
    )
    this.setRepository(failed.reduce((state, build) => forgetFailure(state, build.revision), this.repository))
  }

  start(version: string): void {
    const released = this.refs.has(`refs/tags/v${version}`)
    if (judgeStart(this.repository.sprints, { version, features: ['feature/x'], released }) !== null) return
    if (this.sprints.get(version) !== undefined && this.sprints.get(version)?.phase !== 'aborted') return
    this.sprints.set(
      version,
      newSprint({ project: 'website', version, settings: SETTINGS, features: ['feature/x'], by: ANNE, now: this.tick() }),
    )
    this.told.delete(version)
    this.toldPhase.delete(version)
    for (const key of this.takenBack) if (key.startsWith(`${version} `)) this.takenBack.delete(key)
    const refs = [`refs/tags/v${version}`, `refs/heads/release-${version}`].map((ref) => ({ ref, revision: this.refs.get(ref) ?? null }))
    this.setRepository(
      wantVersion(knowSprint(this.repository, { version, phase: 'integrating', features: ['feature/x'] }), refs, this.tick()),
    )
  }

  // ---- sprints -------------------------------------------------------------------------------------------------------

  onSprint(version: string, change: (state: SprintState) => SprintState): void {
    const before = this.sprints.get(version)
    if (before === undefined || before.phase === 'aborted') return
    let state = change(before)
    for (const step of sprintSteps(state)) {
      const at = this.tick()
      state = markAsked(state, step, at)
      const { id, candidate: asked, tag, rewritten } = step
      this.ask(step.environment, {
        id,
        candidate: asked,
        tag,
        version,
        by: { kind: 'automation', name: `sprint ${version}` },
        at,
        rewritten,
      })
    }
    for (const { environment, request, ...withdraw } of withdrawals(state)) {
      const key = `${version} ${environment} ${request}`
      if (this.takenBack.has(key)) continue
      this.takenBack.add(key)
      this.send(`env ${environment} from ${version}`, true, () =>
        this.onEnvironment(environment, (known) => absorbWithdraw(known, { version, ...withdraw }, this.tick())),
      )
    }
    this.sprints.set(version, state)
    if (this.toldPhase.get(version) === state.phase) return
    this.toldPhase.set(version, state.phase)
    const { phase } = state
    const features = state.features.map((feature) => feature.branch)
    this.send(`repository from ${version}`, true, () =>
      this.setRepository(
        phase === 'aborted' ? closeSprint(this.repository, version) : knowSprint(this.repository, { version, phase, features }),
      ),
    )
  }

  command(version: string, command: SprintCommand): boolean {
    const state = this.sprints.get(version)
    if (state === undefined) return false
    const judged = judge(state, command, ANNE, this.tick())
    if (!judged.ok) this.onSprint(version, (sprint) => denied(sprint, command, judged, ANNE, this.now))
    else if (judged.effect === null) this.onSprint(version, () => judged.state)
    else {
      const ref = `${judged.effect.kind === 'createTag' ? 'refs/tags/' : 'refs/heads/'}${judged.effect.name}`
      const there = this.refs.get(ref)
      if (there !== undefined && there !== judged.effect.revision) return false
      this.refs.set(ref, judged.effect.revision)
      this.onSprint(version, (sprint) => applyMade(sprint, command, judged, ANNE, this.now))
    }
    return judged.ok
  }

  // ---- environments --------------------------------------------------------------------------------------------------

  ask(name: string, request: DeployRequest): void {
    const from = request.by.kind === 'automation' && request.by.name !== 'develop' ? ` from ${request.version}` : ''
    this.send(`env ${name}${from}`, from !== '', () => this.onEnvironment(name, (state) => absorbRequest(state, request, this.tick())))
  }

  onEnvironment(name: string, change: (state: EnvironmentState) => EnvironmentState): void {
    const before = this.environments.get(name)!
    const changed = change(before)
    if (changed === before) return
    let state = { ...changed, sequence: changed.sequence + 1 }
    const step = this.rendering.has(name) ? null : environmentStep(state)
    if (step?.kind === 'prepare') {
      const { request } = step.waiting
      state = beginPreparation(state, request, this.tick())
      this.rendering.set(name, {
        request,
        replaces: state.current?.epoch ?? null,
        againstRevision: state.current?.snapshot.candidate.revision ?? null,
      })
    } else if (step?.kind === 'start') {
      const again = preparation(step.waiting.request, state.current?.epoch ?? null, this.content)
      const approval = step.waiting.stage.kind === 'ready' ? step.waiting.stage.approval : null
      if (approval !== null && again.requestHash !== approval.hash) {
        state = absorbPreparation(
          state,
          step.waiting.request,
          { preparation: again, relation: 'ahead', settings: settingsOf(name) },
          this.tick(),
        )
      } else {
        this.beforeStart(name, state, step.waiting.request, step.preparation, approval?.hash ?? null)
        state = startDeployment(state, step.waiting, step.preparation, this.tick())
        this.deployments.set(name, { epoch: state.epoch, preparation: step.preparation })
      }
    }
    this.environments.set(name, state)
    for (const version of concernedVersions(state)) {
      const report = reportFor(state, version)
      this.send(`sprint ${version}`, false, () => this.onSprint(version, (sprint) => absorbReport(sprint, report, this.tick())))
    }
    if (environmentStep(state) !== null && !this.rendering.has(name)) this.onEnvironment(name, (same) => ({ ...same }))
  }

  /** What must hold whenever something is about to be put on a target. */
  beforeStart(name: string, state: EnvironmentState, request: DeployRequest, prepared: Preparation, approvedHash: string | null): void {
    if (this.deployments.has(name)) throw new Error(`two deployments at a time on ${name}`)
    if (settingsOf(name).guarded && (approvedHash !== prepared.requestHash || !this.approvals.has(`${name} ${request.id} ${approvedHash}`)))
      throw new Error(`${request.tag} reaches ${name} unapproved`)
    const runs = state.current?.snapshot.candidate.revision
    const isOlder = runs !== undefined && this.relation(request.candidate.revision, runs) === 'behind'
    if (isOlder && !settingsOf(name).guarded && request.by.kind === 'automation' && !request.rewritten)
      throw new Error(`${request.tag} is older than what runs on ${name}`)
    if (state.epoch < (state.current?.epoch ?? 0)) throw new Error('the epoch went back')
  }

  endRendering(name: string, ok: boolean): void {
    const rendering = this.rendering.get(name)
    if (rendering === undefined) return
    this.rendering.delete(name)
    const { request, replaces, againstRevision } = rendering
    const relation = againstRevision === null ? null : this.relation(request.candidate.revision, againstRevision)
    this.onEnvironment(name, (state) => {
      const next = ok
        ? absorbPreparation(
            state,
            request,
            { preparation: preparation(request, replaces, this.content), relation, settings: settingsOf(name) },
            this.tick(),
          )
        : absorbUnpreparable(state, request, 'the overlay does not render', this.tick())
      return { ...next }
    })
  }

  endDeployment(name: string, end: 'verified' | 'intact' | 'restored' | 'broken', doubled: boolean): void {
    const deployment = this.deployments.get(name)
    if (deployment === undefined) return
    this.deployments.delete(name)
    const { epoch } = deployment
    const report: DeploymentReport =
      end === 'verified'
        ? { epoch, kind: 'verified', observed: ['2 of 2 replicas are ready'] }
        : {
            epoch,
            kind: 'failed',
            target: end,
            step: 'verifying',
            reason: 'the pods crash',
            observed: ['CrashLoopBackOff'],
            log: null,
            heldEpoch: null,
          }
    for (let times = doubled ? 2 : 1; times > 0; times--)
      this.send(`env ${name}`, false, () => this.onEnvironment(name, (state) => absorbDeployment(state, report, this.tick())))
    this.onEnvironment(name, (state) =>
      absorbDeployment(state, { epoch, kind: 'progress', step: 'verifying', attempt: 2, retry: null }, this.tick()),
    )
  }

  vote(name: string, approve: boolean, rightHash: boolean): void {
    const state = this.environments.get(name)!
    const wait = environmentWaits(state).find((each) => each.kind === 'approval')
    const request = wait?.request ?? 'v1.0.0'
    const hash = rightHash ? (wait?.hash ?? '') : 'f'.repeat(64)
    const judged = (approve ? judgeApprove : judgeReject)(state, { request, hash, by: ANNE, reason: null }, this.tick())
    if (judged.answer.ok && !rightHash) throw new Error('a vote for another hash took')
    if (judged.answer.ok && approve) this.approvals.add(`${name} ${request} ${hash}`)
    this.onEnvironment(name, () => judged.state)
  }

  retry(name: string): void {
    this.onEnvironment(name, (state) => judgeRetry(state, ANNE, this.tick()).state)
  }

  signOff(name: string, verdict: 'pass' | 'fail'): void {
    const { current } = this.environments.get(name)!
    const wish = { verdict, epoch: current?.epoch ?? 0, revision: current?.snapshot.candidate.revision ?? '', by: ANNE, message: null }
    this.onEnvironment(name, (state) => judgeSignOff(state, wish, this.tick()).state)
  }

  // ---- post ----------------------------------------------------------------------------------------------------------

  send(to: string, ordered: boolean, arrive: () => void): void {
    this.post.push({ to, ordered, arrive })
  }

  deliver(index: number, doubled: boolean): void {
    const any = this.post[index % Math.max(1, this.post.length)]
    if (any === undefined) return
    const message = any.ordered ? this.post.find((other) => other.ordered && other.to === any.to)! : any
    this.post.splice(this.post.indexOf(message), 1)
    message.arrive()
    if (doubled && !message.ordered) message.arrive()
  }

  /** Lets everything that is under way succeed, and everything that is said arrive. */
  round(): void {
    for (const revision of this.builds) this.endBuild(revision, true)
    for (const key of this.naming.keys()) this.endNaming(key, true)
    for (const { name } of SETTINGS.environments) {
      this.endRendering(name, true)
      this.endDeployment(name, 'verified', false)
    }
    while (this.post.length > 0) this.deliver(0, false)
  }

  /** Rounds until nothing is left to do. */
  settleDown(): void {
    for (let rounds = 0; rounds < 500; rounds++) {
      const before = this.work()
      this.round()
      this.look()
      if (before === 0 && this.work() === 0) return
    }
    throw new Error('it does not come to rest')
  }

  private work(): number {
    return this.post.length + this.builds.size + this.naming.size + this.rendering.size + this.deployments.size
  }
}
