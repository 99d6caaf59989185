import { judgeHold, judgeRelease, type HoldKind } from '../../../domain/environment/lock.ts'
import { judgeOverride } from '../../../domain/environment/judge-override.ts'
import { judgeBreakGlass } from '../../../domain/environment/judge-break-glass.ts'
import { judgeConfirm } from '../../../domain/environment/judge-confirm.ts'
import { judgeRetry } from '../../../domain/environment/judge-retry.ts'
import { judgeRollback } from '../../../domain/environment/judge-rollback.ts'
import { judgeSignOff } from '../../../domain/environment/judge-sign-off.ts'
import { judgeApprove, judgeReject } from '../../../domain/environment/judge-vote.ts'
import { verifiedHere, type Choice } from '../../../domain/environment/state.ts'
import { judgeLift } from '../../../domain/environment/veto.ts'
import { environmentWaits } from '../../../domain/environment/waits.ts'
import type { Actor } from '../../../domain/actor.ts'
import { ANNE } from '../samples.ts'
import type { Machine } from './machine.ts'

/** What people say, to sprints and environments. Each says whether it took. */

const ROBOT: Actor = { kind: 'automation', name: 'robot' }
const OTHER_HASH = 'f'.repeat(64)

export function vote(machine: Machine, name: string, approves: boolean, isRightHash: boolean): boolean {
  const wait = environmentWaits(machine.environments.get(name)).find(
    (each) => each.kind === 'approval' || (!approves && each.kind === 'lacks'),
  )
  const request = wait?.request ?? 'v1.0.0'
  const hash = isRightHash ? (wait?.hash ?? '') : OTHER_HASH
  const said = { request, hash, by: ANNE, reason: approves ? null : 'not today' }
  return machine.environments.hear(
    name,
    (state, now) => (approves ? judgeApprove : judgeReject)(state, said, now),
    (guard) => {
      if (!isRightHash) machine.breaches.broke('approved', `a vote on ${request} that named another hash took on ${name}`)
      else if (approves) guard.approvals.add(`${name} ${request} ${hash}`)
    },
  )
}

export function override(machine: Machine, name: string, reason: string | null, isRightHash: boolean): boolean {
  const state = machine.environments.get(name)
  const wait = environmentWaits(state).find((each) => each.kind === 'lacks')
  const request = wait?.request ?? 'v1.0.0'
  const hash = isRightHash ? (wait?.hash ?? '') : OTHER_HASH
  return machine.environments.hear(
    name,
    (known, now) => judgeOverride(known, { request, hash, by: ANNE, reason }, now),
    (guard) => {
      if (reason === null || !isRightHash)
        machine.breaches.broke('nothingLost', `an override of ${request} took on ${name} without its hash or a reason`)
      else guard.overrides.add(`${name} ${request} ${state.current?.epoch}`)
    },
  )
}

export function breakGlass(machine: Machine, name: string, isRightHash: boolean): boolean {
  const wait = environmentWaits(machine.environments.get(name)).find((each) => each.kind === 'freeze')
  const request = wait?.request ?? 'v1.0.0'
  const hash = isRightHash ? (wait?.hash ?? '') : OTHER_HASH
  return machine.environments.hear(
    name,
    (state, now) => judgeBreakGlass(state, { request, hash, by: ANNE, reason: 'the shop is down' }, now),
    (guard) => {
      if (!isRightHash) machine.breaches.broke('frozen', `a freeze was broken for ${request} on ${name} by another hash`)
      else guard.broken.add(`${name} ${request} ${hash}`)
    },
  )
}

/** Somebody else's word, or that of who broke the freeze, which must not count. */
export function confirm(machine: Machine, name: string, isOther: boolean): boolean {
  const epoch = machine.environments.get(name).unconfirmed[0]?.epoch ?? 0
  const by = isOther ? { ...ANNE, name: 'ben' } : ANNE
  return machine.environments.hear(
    name,
    (state, now) => judgeConfirm(state, { epoch, by, reason: null }, now),
    () => !isOther && machine.breaches.broke('frozen', `who broke the freeze confirms epoch ${epoch} of ${name}`),
  )
}

export function retry(machine: Machine, name: string): boolean {
  return machine.environments.hear(name, (state, now) => judgeRetry(state, ANNE, now))
}

export function signOff(machine: Machine, name: string, verdict: 'pass' | 'fail'): boolean {
  const { current } = machine.environments.get(name)
  const revision = current?.snapshot.candidate.revision ?? ''
  const wish = { verdict, epoch: current?.epoch ?? 0, revision, by: ANNE, message: null }
  return machine.environments.hear(
    name,
    (state, now) => judgeSignOff(state, wish, now),
    (guard) => verdict === 'pass' && guard.confirmed.add(`${name} ${revision}`),
  )
}

/** Back by so many, counted over what was verified there. */
export function rollback(machine: Machine, name: string, by: number, isPerson: boolean, force = false): boolean {
  const epoch = verifiedHere(machine.environments.get(name))[by]?.epoch ?? by
  const wish = { epoch, by: isPerson ? ANNE : ROBOT, reason: 'it is slow', force }
  return machine.environments.hear(name, (state, now) => {
    const judged = judgeRollback(state, wish, now)
    // It starts at once, so it is noted before.
    const made = judged.answer.ok ? judged.state.waiting[0]?.request.id : undefined
    if (force && made !== undefined) machine.environments.forced(name, made)
    return judged
  })
}

export function hold(machine: Machine, name: string, kind: HoldKind, on: boolean): boolean {
  const wish = { by: ANNE, reason: 'the database is moved' }
  return machine.environments.hear(name, (state, now) => (on ? judgeHold : judgeRelease)(state, kind, wish, now))
}

export function resolve(machine: Machine, name: string, choice: Choice): boolean {
  return machine.environments.resolve(name, { choice, by: ANNE, reason: 'looked at it' })
}

export function unveto(machine: Machine, name: string, index: number): boolean {
  const { vetoes } = machine.environments.get(name)
  const veto = vetoes[index % Math.max(1, vetoes.length)]
  const wish = { epoch: veto?.epoch ?? 0, by: ANNE, reason: 'it was the network' }
  return machine.environments.hear(
    name,
    (state, now) => judgeLift(state, wish, now),
    (guard) => veto !== undefined && guard.lifted(name, veto.madeOf),
  )
}

export function cut(machine: Machine, version: string): boolean {
  const missing = machine.sprints.get(version)?.features.filter((feature) => feature.merged === null) ?? []
  return machine.sprints.command(version, { kind: 'cut', without: missing.map((feature) => feature.branch) }).ok
}

export function finish(machine: Machine, version: string): boolean {
  return machine.sprints.command(version, { kind: 'finish', mergedAs: null, target: null }).ok
}
