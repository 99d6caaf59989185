import { actorName } from '../actor.ts'
import { whoMay } from '../authorise.ts'
import { nextTry, type Wait } from '../wait.ts'
import { approvalPolicy, spokenMissing, votesOf } from './approvals.ts'
import { policyOf } from './authorise.ts'
import { spokenStep } from './deployments.ts'
import { resolveCommands } from './judge-resolve.ts'
import { driftWait, mendCommand, seenDrift } from './drift.ts'
import { lackOf } from './judge-override.ts'
import { retriable } from './judge-retry.ts'
import { crossingTo, rollbackTargets } from './judge-rollback.ts'
import { heldBy, heldEnd, heldWait, holdWait, spokenHeld, spokenHold, takeOff } from './lock.ts'
import { reservationOf, reservedBy } from './reservation.ts'
import type { EnvironmentState, WaitingRequest } from './state.ts'

/** What each thing in this environment waits for, and who or what ends it. */
export function environmentWaits(state: EnvironmentState): Wait[] {
  const waiting = state.waiting.map((each) => waitOf(state, each))
  return [...running(state), ...waiting, ...parked(state), ...holds(state, waiting), ...unconfirmed(state), ...driftWait(state)]
}

function running(state: EnvironmentState): Wait[] {
  const { running: now } = state
  if (now === null) return []
  const common = { since: now.since, environment: state.name, request: now.request.id }
  if (now.halt !== undefined) {
    const { halt } = now
    const detail = `${now.request.tag} (epoch ${now.epoch}) stands ${spokenStep(halt)}: ${halt.reason}. slipway resolve ${state.name} ${halt.choices.join('|')} --reason … goes on${newer(state)}`
    return [{ kind: 'parked', detail, ...common, since: halt.since }]
  }
  return now.retry === null
    ? [{ kind: 'deployment', detail: `${now.request.tag} is being deployed as epoch ${now.epoch} (${now.step})`, ...common }]
    : [
        {
          kind: 'retry',
          detail: `${now.request.tag} (epoch ${now.epoch}) is tried again after attempt ${now.attempt}: ${now.retry.reason}`,
          ...common,
          nextTryAt: now.retry.at,
        },
      ]
}

/** Where nobody has to approve, a newer push is somebody's decision, too. */
function newer({ settings }: EnvironmentState): string {
  return settings?.guarded === true ? '' : ', or a newer push'
}

/** A hold is shown also when nothing waits for it. */
function holds(state: EnvironmentState, waiting: readonly Wait[]): Wait[] {
  const { name } = state
  return (['lock', 'pin'] as const).flatMap((kind) => {
    const hold = state[kind]
    const shown = holdWait(kind)
    if (hold === null || waiting.some((wait) => wait.kind === shown)) return []
    const detail = `${name} is ${spokenHold(kind, hold)}; ${takeOff(name, kind)} ends that`
    return [{ kind: shown, detail, since: hold.at, environment: name }]
  })
}

/** What began in a freeze stays here until somebody else has said that this was right. */
function unconfirmed({ name, unconfirmed: all }: EnvironmentState): Wait[] {
  return all.map(({ epoch, tag, by, reason, windows, at }) => ({
    kind: 'confirmation',
    detail: `${tag} (epoch ${epoch}) began though ${name} was frozen (${windows.join(', ')}), by the word of ${actorName(by)}: ${reason}. Somebody else confirms that: slipway confirm ${name} ${epoch}`,
    since: at,
    environment: name,
  }))
}

function waitOf(state: EnvironmentState, waiting: WaitingRequest): Wait {
  const common = { since: waiting.since, environment: state.name, request: waiting.request.id }
  const { stage } = waiting
  switch (stage.kind) {
    case 'queued':
    case 'ready': {
      const holder = reservedBy(state, waiting.request)
      if (holder !== null)
        return { kind: 'reserved', detail: `${waiting.request.tag} waits: ${state.name} is ${reservationOf(holder)}`, ...common }
      const held = heldBy(state, waiting.request)
      if (held !== null)
        return {
          kind: heldWait(held.kind),
          detail: `${waiting.request.tag} waits: ${state.name} is ${spokenHeld(held)}; ${heldEnd(state, held, waiting.request)}`,
          ...common,
          ...(held.kind === 'freeze' && held.freeze.until !== null ? { until: held.freeze.until } : {}),
          ...(held.kind === 'freeze' && held.freeze.problem !== undefined ? { nextTryAt: held.freeze.again } : {}),
          ...(held.kind === 'freeze' && 'preparation' in stage ? { hash: stage.preparation.requestHash } : {}),
        }
      if (stage.kind === 'ready' && stage.problem !== null)
        return {
          kind: 'retry',
          detail: `${waiting.request.tag} cannot begin yet and is tried again: ${stage.problem}`,
          ...common,
          ...nextTry(stage),
        }
      return { kind: 'queue', detail: `${waiting.request.tag} ${queued(state, waiting)}`, ...common }
    }
    case 'preparing':
      return stage.problem === null
        ? { kind: 'queue', detail: `${waiting.request.tag} is being rendered`, ...common }
        : {
            kind: 'retry',
            detail: `${waiting.request.tag} cannot be rendered yet and is tried again: ${stage.problem}`,
            ...common,
            ...nextTry(stage),
          }
    case 'awaitingApproval': {
      const who = whoMay('approve', policyOf(state.settings))
      const by =
        who === null ? 'anybody who may reach Temporal' : who.length === 0 ? 'nobody: the estate names no approvers' : who.join(' or ')
      const votes = votesOf(stage)
      const { count, required } = approvalPolicy(state.settings)
      const several = count > 1 || required.length > 0 || votes.length > 0 ? `: ${spokenMissing(votes, state.settings)}` : ''
      const detail = `${waiting.request.tag} waits for approval by ${by}${several}`
      return { kind: 'approval', detail, ...common, hash: stage.preparation.requestHash }
    }
    case 'held':
      return {
        kind: 'lacks',
        detail: `${waiting.request.tag} lacks ${lackOf(stage.lacks)}, which ${state.name} runs: merge that into its release branch and tag anew, or override it with a reason`,
        ...common,
        hash: stage.preparation.requestHash,
      }
    default:
      return stage satisfies never
  }
}

/** Its place among those that start by themselves. */
function queued(state: EnvironmentState, waiting: WaitingRequest): string {
  const queue = state.waiting.filter(({ stage }) => stage.kind === 'queued' || stage.kind === 'preparing' || stage.kind === 'ready')
  const place = queue.indexOf(waiting) + 1
  const { running: now } = state
  if (now === null) return place === 1 ? 'is next' : `is number ${place} of ${queue.length} that wait`
  return `waits until ${now.request.tag} (epoch ${now.epoch}) has ended${queue.length > 1 ? `, as number ${place} of ${queue.length}` : ''}`
}

function parked(state: EnvironmentState): Wait[] {
  if (state.parked === null) return broken(state)
  const { request, target, reason, since } = state.parked
  const left = {
    intact: 'nothing was changed on the target',
    restored: 'what ran before runs again',
    broken: 'the target is as the failure left it',
  }[target]
  return [
    {
      kind: 'parked',
      detail: `${request.rollback === undefined ? request.tag : `the way back to ${request.tag}`} failed, ${left}: ${reason}. ${
        request.rollback === undefined
          ? `A newer push or slipway retry ${state.name}`
          : `slipway rollback ${state.name} once more, or a newer push,`
      } goes on`,
      since,
      environment: state.name,
      request: request.id,
    },
  ]
}

/** What failed was asked for again, or taken back, and is gone; what it left is not mended by that. */
function broken(state: EnvironmentState): Wait[] {
  const { broken: isBroken, name, running: now, current } = state
  if (!isBroken || now !== null || current === null) return []
  const force = crossingTo(state, current) === null ? '' : ' --force'
  const detail = `${name} is as a failure left it, and not what was verified; slipway rollback ${name} --to ${current.epoch}${force}, or a newer push, goes on`
  return [{ kind: 'parked', detail, since: current.since, environment: name }]
}

/** The commands that are possible here now. */
export function environmentCommands(state: EnvironmentState): string[] {
  const awaiting = state.waiting.filter((waiting) => waiting.stage.kind === 'awaitingApproval')
  const held = state.waiting.filter((waiting) => waiting.stage.kind === 'held')
  const frozen = state.waiting.flatMap(({ stage, request }) =>
    stage.kind === 'ready' && heldBy(state, request)?.kind === 'freeze' ? [request.id] : [],
  )
  return [
    ...held.flatMap((waiting) => [
      `slipway override ${state.name} ${waiting.request.id} --reason …`,
      `slipway reject ${state.name} ${waiting.request.id} --reason …`,
    ]),
    ...awaiting.flatMap((waiting) => [
      `slipway approve ${state.name} ${waiting.request.id}`,
      `slipway reject ${state.name} ${waiting.request.id} --reason …`,
    ]),
    ...(state.current !== null && state.current.signOff === null && state.running === null ? [`slipway signoff ${state.name} --pass`] : []),
    ...(retriable(state) !== null && state.running === null ? [`slipway retry ${state.name}`] : []),
    ...resolveCommands(state),
    ...frozen.map((id) => `slipway override ${state.name} ${id} --freeze --reason …`),
    ...state.unconfirmed.map(({ epoch }) => `slipway confirm ${state.name} ${epoch}`),
    ...(state.lock === null ? [] : [takeOff(state.name, 'lock')]),
    ...(state.pin === null ? [] : [takeOff(state.name, 'pin')]),
    ...(seenDrift(state) !== null && !state.broken && state.running === null ? [mendCommand(state)] : []),
    ...rollbackTargets(state)
      .slice(0, state.lock === null ? 1 : 0)
      .map((target) => `slipway rollback ${state.name} --to ${target.epoch} --reason …`),
  ]
}
