import type { DeploymentReport } from '../../../domain/environment/deployments.ts'
import { holderOf } from '../../../domain/environment/reservation.ts'
import {
  verifiedHere,
  type Deployed,
  type DeployRequest,
  type EnvironmentState,
  type Preparation,
} from '../../../domain/environment/state.ts'
import { madeOf } from '../../../domain/snapshot.ts'
import { settingsOf } from '../samples.ts'
import type { Machine } from './machine.ts'

/** True when what is left was verified here after what is gone back to: going forth again says nothing against the older. */
function isYounger(state: EnvironmentState, left: Deployed, made: string): boolean {
  const first = (of: string) => Math.min(...verifiedHere(state).flatMap((each) => (madeOf(each.snapshot) === of ? [each.epoch] : [])))
  return first(madeOf(left.snapshot)) > first(made)
}

/** Keeps its own books of who said what, and holds what is about to be put on a target against them. */
export class Guard {
  readonly approvals = new Set<string>()
  readonly overrides = new Set<string>()
  readonly confirmed = new Set<string>()
  /** Snapshots that were verified in an environment after an approval, or adopted there. */
  readonly #proven = new Set<string>()
  readonly #vetoes = new Set<string>()
  readonly #epochs = new Map<string, number>()
  /** What cannot be taken back, by environment: which epoch began it. */
  readonly #crossings: { readonly environment: string; readonly name: string; readonly epoch: number }[] = []
  /** The epoch that first put a snapshot there. */
  readonly #origins = new Map<string, number>()
  /** For what a freeze was broken, by environment, request and hash. */
  readonly broken = new Set<string>()
  /** Ways back that were forced, by environment and request. */
  readonly forced = new Set<string>()
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  adopted(name: string, hash: string, epoch: number): void {
    this.#proven.add(`${name} ${hash}`)
    this.#origins.set(`${name} ${hash}`, epoch)
    this.#epochs.set(name, Math.max(epoch, this.#epochs.get(name) ?? 0))
  }

  lifted(name: string, made: string): void {
    this.#vetoes.delete(`${name} ${made}`)
  }

  /** What must hold whenever something is about to be put on a target. */
  starts(
    state: EnvironmentState,
    request: DeployRequest,
    { snapshot, requestHash }: Preparation,
    approvedHash: string | null,
    isBusy: boolean,
  ): void {
    const { remote, breaches } = this.#machine
    const { name, current } = state
    const { guarded, from } = settingsOf(name)
    const runs = current?.snapshot.candidate.revision
    const { revision } = request.candidate
    const isAutomation = request.by.kind === 'automation'
    if (state.lock !== null) breaches.broke('held', `${request.tag} starts on ${name}, which is locked`)
    if (state.pin !== null && isAutomation) breaches.broke('held', `${request.tag} starts on ${name}, which is pinned`)
    const isFrozen = state.freeze?.open === false
    if (isFrozen && request.rollback === undefined && !this.broken.has(`${name} ${request.id} ${requestHash}`))
      breaches.broke('frozen', `${request.tag} starts on ${name}, which is frozen`)
    if (isBusy) breaches.broke('oneWriter', `${request.tag} starts on ${name} while another is being deployed`)
    if (request.rollback !== undefined) {
      if (isAutomation) breaches.broke('vetoed', `${request.by.name} rolled ${name} back`)
      this.#checkCrossing(name, request, snapshot)
      if (guarded && !this.#proven.has(`${name} ${snapshot.hash}`))
        breaches.broke('approved', `${name} goes back to ${request.tag}, which was never approved and verified there`)
      return
    }
    if (guarded && (approvedHash !== requestHash || !this.approvals.has(`${name} ${request.id} ${requestHash}`)))
      breaches.broke('approved', `${request.id} reaches ${name} unapproved`)
    if (guarded && runs !== undefined && remote.relation(revision, runs) !== 'same' && remote.lacks(revision, runs) > 0) {
      if (!this.overrides.has(`${name} ${request.id} ${current?.epoch}`))
        breaches.broke('nothingLost', `${request.id} reaches ${name} and lacks ${current?.tag}`)
    }
    const isRewrite = [...remote.rewrites].some((rewrite) => rewrite.endsWith(revision))
    if (!guarded && isAutomation && !isRewrite && runs !== undefined && remote.relation(revision, runs) === 'behind')
      breaches.broke('nothingOlder', `${request.tag} is contained in what runs on ${name} (${current?.tag})`)
    if (isAutomation && this.#vetoes.has(`${name} ${madeOf(snapshot)}`))
      breaches.broke('vetoed', `${request.tag} is vetoed on ${name} and brought back by ${request.by.name}`)
    const holder = holderOf(state)
    if (from === 'release' && holder !== null && holder.version !== request.version)
      breaches.broke('reserved', `${name} is ${holder.version}'s, and gets ${request.tag}`)
  }

  #checkCrossing(environment: string, { id, tag }: DeployRequest, snapshot: Preparation['snapshot']): void {
    const origin = this.#origins.get(`${environment} ${snapshot.hash}`) ?? 0
    const between = this.#crossings.find(
      (each) => each.environment === environment && each.epoch > origin && each.name !== snapshot.irreversible?.name,
    )
    if (between !== undefined && !this.forced.has(`${environment} ${id}`))
      this.#machine.breaches.broke(
        'crossed',
        `${environment} goes back to ${tag} (first as epoch ${origin}), before ${between.name} of epoch ${between.epoch}`,
      )
  }

  /** Something is put there for the first time, or once more. */
  begun(environment: string, epoch: number, { snapshot }: Preparation, isBack: boolean): void {
    const key = `${environment} ${snapshot.hash}`
    if (!this.#origins.has(key)) this.#origins.set(key, epoch)
    const name = snapshot.irreversible?.name
    const isKnown = this.#crossings.some((each) => each.environment === environment && each.name === name)
    if (name !== undefined && !isBack && !isKnown) this.#crossings.push({ environment, name, epoch })
  }

  started(name: string, epoch: number): void {
    const before = this.#epochs.get(name) ?? 0
    if (epoch !== before + 1) this.#machine.breaches.broke('oneWriter', `the epoch of ${name} goes from ${before} to ${epoch}`)
    this.#epochs.set(name, epoch)
  }

  /** Nothing of it was begun. */
  #forget(environment: string, epoch: number): void {
    const index = this.#crossings.findIndex((each) => each.environment === environment && each.epoch === epoch)
    if (index >= 0) this.#crossings.splice(index, 1)
  }

  /** How the deployment that ran in `before` ended. */
  ended(name: string, before: EnvironmentState, report: DeploymentReport): void {
    const { running, current } = before
    if (running === null) return
    const { snapshot } = running.preparation
    const made = madeOf(snapshot)
    if (report.kind === 'verified') {
      if (running.approval !== null) this.#proven.add(`${name} ${snapshot.hash}`)
      this.#vetoes.delete(`${name} ${made}`)
      if (running.request.rollback !== undefined && current !== null && isYounger(before, current, made))
        this.#vetoes.add(`${name} ${madeOf(current.snapshot)}`)
    }
    if (report.kind !== 'failed') return
    if (report.target === 'intact' && report.step !== 'before') this.#forget(name, running.epoch)
    if ((report.unhealthy === true || report.stopped === true) && running.request.rollback === undefined)
      this.#vetoes.add(`${name} ${made}`)
    const isProven = current === null || !settingsOf(name).guarded || this.#proven.has(`${name} ${current.snapshot.hash}`)
    if (report.target === 'restored' && !isProven)
      this.#machine.breaches.broke('approved', `${name} is restored to ${current?.tag}, which was never approved and verified there`)
  }
}
