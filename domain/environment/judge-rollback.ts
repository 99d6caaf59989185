import type { Actor } from '../actor.ts'
import type { Word } from '../signed.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { seenDrift } from './drift.ts'
import { denied, type Judged } from './judged.ts'
import { spokenHold, takeOff } from './lock.ts'
import { freeId } from './requests.ts'
import { isBlank } from './reason.ts'
import {
  originOf,
  verifiedHere,
  type Crossing,
  type Deployed,
  type DeployRequest,
  type EnvironmentState,
  type WaitingRequest,
} from './state.ts'
import { vetoOf } from './veto.ts'

/** Back to what was verified here as this epoch. */
export type RollbackWish = {
  readonly epoch: number
  readonly by: Actor
  readonly reason: string | null
  /** Also across what cannot be taken back. */
  readonly force?: boolean
  /** The plan that was shown, by its basis or the first digits of it. */
  readonly plan?: string
  /** Only if the target has not moved since that plan; left out, it goes on and says so: who goes back is in a hurry. */
  readonly onlyAsPlanned?: boolean
  /** As it was signed: a deployment that it ends hears it once more. */
  readonly word?: Word
}

/**
 * A rollback is a deployment of an earlier, verified snapshot: nothing is built and nothing rendered. It needs the right,
 * not a new approval: what it brings was approved and verified here. It goes before whatever waits.
 *
 * @param moved why the plan that was shown is not what will be done; see planMoved
 */
export function judgeRollback(state: EnvironmentState, wish: RollbackWish, now: number, moved: string | null = null): Judged {
  const refusal = refusalOf(state, wish) ?? (wish.onlyAsPlanned === true && moved !== null ? stale(state, wish, moved) : null)
  const target = verifiedHere(state).find((deployed) => deployed.epoch === wish.epoch)
  if (refusal !== null || target === undefined) {
    return denied(state, `rollback to epoch ${wish.epoch}`, wish.by, refusal ?? neverVerified(state, wish.epoch), now)
  }
  const reason = wish.reason ?? ''
  const again = runsNow(state, target)
  const request: DeployRequest = {
    id: freeId(state, `rollback-${target.epoch}`),
    candidate: target.snapshot.candidate,
    tag: target.tag,
    version: target.version,
    by: wish.by,
    at: now,
    rewritten: false,
    rollback: { epoch: target.epoch, reason, ...(again ? { again } : {}), ...(wish.force === true ? { force: true } : {}) },
  }
  const preparation = { snapshot: target.snapshot, requestHash: target.snapshot.hash, replacesEpoch: state.current?.epoch ?? null }
  const waiting: WaitingRequest = {
    request,
    since: now,
    stage: { kind: 'ready', preparation, approval: null, problem: null },
    ...(wish.word === undefined ? {} : { word: wish.word }),
  }
  const text = again
    ? `${target.tag} (epoch ${target.epoch}) is put on ${state.name} once more, against what drifted`
    : `${state.name} goes back to ${target.tag} (epoch ${target.epoch})`
  const told = moved === null ? '' : `; ${moved}`
  return {
    state: {
      ...state,
      waiting: [waiting, ...state.waiting],
      entries: recorded(state.entries, now, 'rollback', `${text}: ${reason}${told}`, wish.by),
    },
    answer: { ok: true, text: `${text}${told}` },
  }
}

/** What one can go back to now, the newest first. */
export function rollbackTargets(state: EnvironmentState): Deployed[] {
  return verifiedHere(state).filter(
    (deployed) => !runsNow(state, deployed) && vetoOf(state, deployed.snapshot) === null && crossingTo(state, deployed) === null,
  )
}

function refusalOf(state: EnvironmentState, wish: RollbackWish): Refusal | null {
  // To force is a right of its own: what cannot be taken back is for those who answer for a release.
  const right = authorise('rollback', wish.by, state.settings) ?? (wish.force === true ? authorise('force', wish.by, state.settings) : null)
  if (right !== null) return right
  const look = [`slipway env ${state.name}`]
  if (isBlank(wish.reason)) {
    return refuse('a rollback needs a reason', [`slipway rollback ${state.name} --to ${wish.epoch} --reason …`])
  }
  if (state.lock !== null) return refuse(`${state.name} is ${spokenHold('lock', state.lock)}`, [takeOff(state.name, 'lock'), ...look])
  const underway = [state.running?.request, ...state.waiting.map((waiting) => waiting.request)].find(
    (request) => request?.rollback !== undefined,
  )
  if (underway !== undefined) return refuse(`a rollback to ${underway.tag} is under way in ${state.name} already`, look)
  const target = verifiedHere(state).find((deployed) => deployed.epoch === wish.epoch)
  if (target === undefined) return neverVerified(state, wish.epoch)
  // What drifted is put there again by what was applied; nobody is led to it who only wants to go back.
  if (runsNow(state, target) && seenDrift(state) === null)
    return refuse(`${state.name} runs ${target.tag} (epoch ${state.current?.epoch ?? wish.epoch}) already`, look)
  const crossing = crossingTo(state, target)
  if (crossing !== null && wish.force !== true) return noWayBack(state, target, crossing)
  const veto = vetoOf(state, target.snapshot)
  return veto === null
    ? null
    : refuse(`${target.tag} (epoch ${target.epoch}) is vetoed in ${state.name}: ${veto.reason}`, [
        `slipway unveto ${state.name} ${target.epoch} --reason …`,
        ...rollbackTargets(state)
          .slice(0, 1)
          .map((other) => `slipway rollback ${state.name} --to ${other.epoch} --reason …`),
      ])
}

function stale({ name }: EnvironmentState, { epoch }: RollbackWish, moved: string): Refusal {
  return refuse(`${moved}; look again at what would change, or leave out --plan`, [`slipway plan ${name} --to ${epoch}`])
}

/** What lies between what runs and what shall run again, and cannot be taken back. */
export function crossingTo(state: EnvironmentState, target: Deployed): Crossing | null {
  if (runsNow(state, target)) return null
  return state.crossings.find(({ epoch, name }) => epoch > originOf(target) && name !== target.snapshot.irreversible?.name) ?? null
}

function noWayBack({ name, current }: EnvironmentState, target: Deployed, crossing: Crossing): Refusal {
  const { version } = current ?? target
  return refuse(
    `${target.tag} (epoch ${target.epoch}) lies before ${crossing.name}, which came with ${crossing.tag} (epoch ${crossing.epoch}) and cannot be taken back: ${crossing.reason}. What is wrong is mended forward, by a hotfix`,
    [...(version === null ? [] : [`slipway hotfix ${version}`]), `slipway rollback ${name} --to ${target.epoch} --force --reason …`],
  )
}

/** While something else is put there, and after a failure that was not undone, what was verified last is a way back, too. */
function runsNow(state: EnvironmentState, deployed: Deployed): boolean {
  return !state.broken && state.running === null && deployed.snapshot.hash === state.current?.snapshot.hash
}

function neverVerified(state: EnvironmentState, epoch: number): Refusal {
  const known = rollbackTargets(state)
  const list = known.length === 0 ? 'nothing' : known.map((deployed) => `${deployed.tag} (epoch ${deployed.epoch})`).join(', ')
  const started = epoch >= 0 && epoch <= state.epoch
  const what = started
    ? `epoch ${epoch} was never verified in ${state.name}, or is too old to be known`
    : `${state.name} has no epoch ${epoch}`
  const next = known.slice(0, 1).map((deployed) => `slipway rollback ${state.name} --to ${deployed.epoch} --reason …`)
  return refuse(`${what}; one can go back to ${list}`, next, started ? 'state' : 'notFound')
}
