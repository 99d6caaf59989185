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
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  adopted(name: string, hash: string, epoch: number): void {
    this.#proven.add(`${name} ${hash}`)
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
    if (isBusy) breaches.broke('oneWriter', `${request.tag} starts on ${name} while another is being deployed`)
    if (request.rollback !== undefined) {
      if (isAutomation) breaches.broke('vetoed', `${request.by.name} rolled ${name} back`)
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

  started(name: string, epoch: number): void {
    const before = this.#epochs.get(name) ?? 0
    if (epoch !== before + 1) this.#machine.breaches.broke('oneWriter', `the epoch of ${name} goes from ${before} to ${epoch}`)
    this.#epochs.set(name, epoch)
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
    if (report.unhealthy === true && running.request.rollback === undefined) this.#vetoes.add(`${name} ${made}`)
    const isProven = current === null || !settingsOf(name).guarded || this.#proven.has(`${name} ${current.snapshot.hash}`)
    if (report.target === 'restored' && !isProven)
      this.#machine.breaches.broke('approved', `${name} is restored to ${current?.tag}, which was never approved and verified there`)
  }
}
