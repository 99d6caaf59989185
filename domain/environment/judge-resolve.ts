import type { Actor } from '../actor.ts'
import type { Signed, Word } from '../signed.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { spokenStep } from './deployments.ts'
import { judgeRetry } from './judge-retry.ts'
import { judgeRollback, rollbackTargets, type RollbackWish } from './judge-rollback.ts'
import { denied as recordDenial, type Judged } from './judged.ts'
import { isBlank } from './reason.ts'
import { withRejected } from './rejected.ts'
import type { Choice, EnvironmentState, Halt, ParkedRequest, RunningDeployment } from './state.ts'

export type ResolveWish = {
  readonly choice: Choice | null
  readonly by: Actor
  readonly reason: string | null
  /** As it was signed: a deployment hears it once more. */
  readonly word?: Word
}

/** What a person decided about a deployment that stands still. */
export type Resolution = {
  readonly epoch: number
  readonly halt: number
  readonly choice: Choice
  readonly by: Actor
  readonly signed?: Signed
}

export type Resolved = Judged & { readonly resolution?: Resolution }

const CHOICES: readonly Choice[] = ['retry', 'skip', 'abort', 'rollback']

/**
 * A person decides about what is parked. A deployment that stands at a step goes on from there; what has ended already is
 * asked for again, put aside, or left for what was verified before.
 */
export function judgeResolve(state: EnvironmentState, wish: ResolveWish, now: number): Resolved {
  const refusal = refusalOf(state, wish)
  if (refusal !== null) return denied(state, wish, refusal, now)
  const { running, parked } = state
  const choice = wish.choice ?? 'retry'
  if (running?.halt !== undefined) return decided(state, running, running.halt, choice, wish, now)
  return parked === null ? denied(state, wish, nothingParked(state), now) : ofParked(state, parked, choice, wish, now)
}

/** The commands that decide about what is parked here. */
export function resolveCommands(state: EnvironmentState): string[] {
  const choices = state.running?.halt?.choices ?? []
  return choices.map((choice) => `slipway resolve ${state.name} ${choice} --reason …`)
}

function refusalOf(state: EnvironmentState, { choice, by, reason }: ResolveWish): Refusal | null {
  const right = authorise('resolve', by, state.settings)
  if (right !== null) return right
  const example = `slipway resolve ${state.name} ${choice ?? 'retry'} --reason …`
  if (choice === null) return refuse(`what is parked is resolved by one of ${CHOICES.join(', ')}`, [example])
  return isBlank(reason) ? refuse('resolving what is parked needs a reason', [example]) : null
}

function nothingParked({ name, running }: EnvironmentState): Refusal {
  const look = [`slipway env ${name}`]
  return running === null
    ? refuse(`nothing is parked in ${name}`, look)
    : refuse(`nothing is parked in ${name}: ${running.request.tag} is being deployed there (${running.step})`, look)
}

function decided(
  state: EnvironmentState,
  running: RunningDeployment,
  halt: Halt,
  choice: Choice,
  wish: ResolveWish,
  now: number,
): Resolved {
  const { epoch, request } = running
  if (!halt.choices.includes(choice)) {
    const refusal = refuse(`${request.tag} (epoch ${epoch}) stands ${spokenStep(halt)}: there is no ${choice}`, resolveCommands(state))
    return denied(state, wish, refusal, now)
  }
  const text = `${request.tag} (epoch ${epoch}), which stood ${spokenStep(halt)}: ${choice}`
  const { halt: _halt, ...moving } = running
  return {
    state: { ...state, running: moving, entries: recorded(state.entries, now, 'resolved', `${text}: ${wish.reason ?? ''}`, wish.by) },
    answer: { ok: true, text },
    resolution: { epoch, halt: halt.number, choice, by: wish.by, ...(wish.word === undefined ? {} : { signed: wish.word.signed }) },
  }
}

function ofParked(state: EnvironmentState, parked: ParkedRequest, choice: Choice, wish: ResolveWish, now: number): Resolved {
  const { name, current } = state
  const { request } = parked
  switch (choice) {
    case 'skip':
      return denied(
        state,
        wish,
        refuse(`only a hook can be skipped; ${request.tag} has ended (${parked.step})`, [`slipway resolve ${name} retry --reason …`]),
        now,
      )
    case 'abort': {
      const text = `${request.tag} is not tried again in ${name}${state.broken ? '; the target is as the failure left it' : ''}`
      const entries = recorded(state.entries, now, 'resolved', `${text}: ${wish.reason ?? ''}`, wish.by)
      return {
        state: {
          ...state,
          parked: null,
          rejected: request.rollback === undefined ? withRejected(state.rejected, request) : state.rejected,
          entries,
        },
        answer: { ok: true, text },
      }
    }
    case 'rollback':
      return state.broken ? backTo(state, wish, now, { epoch: current?.epoch ?? 0 }) : denied(state, wish, runsAlready(state, current), now)
    case 'retry':
      // A way back that failed is gone again; anything else is asked for once more.
      return request.rollback === undefined ? judgeRetry(state, wish.by, now) : backTo(state, wish, now, request.rollback)
    default:
      return choice satisfies never
  }
}

/** Nothing of what failed is left there: further back is another decision. */
function runsAlready(state: EnvironmentState, current: EnvironmentState['current']): Refusal {
  const { name } = state
  const further = rollbackTargets(state).slice(0, 1)
  const what =
    current === null ? 'nothing was verified there yet' : `${current.tag} (epoch ${current.epoch}) runs there, as it was verified`
  return refuse(`there is nothing to go back from in ${name}: ${what}`, [
    `slipway resolve ${name} abort --reason …`,
    ...further.map(({ epoch }) => `slipway rollback ${name} --to ${epoch} --reason …`),
  ])
}

/** What was forced once is tried again as that: the person who decides saw what it crosses. */
function backTo(
  state: EnvironmentState,
  { by, reason, word }: ResolveWish,
  now: number,
  { epoch, force }: Pick<RollbackWish, 'epoch' | 'force'>,
): Resolved {
  const wish = { epoch, by, reason, ...(force === true ? { force } : {}), ...(word === undefined ? {} : { word }) }
  return judgeRollback(state, wish, now)
}

function denied(state: EnvironmentState, { choice, by }: ResolveWish, refusal: Refusal, now: number): Judged {
  return recordDenial(state, `resolve ${choice ?? ''}`, by, refusal, now)
}
