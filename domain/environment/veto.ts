import type { Actor } from '../actor.ts'
import { madeOf, type Snapshot } from '../snapshot.ts'
import { recorded } from '../timeline.ts'
import { refuse } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import { verifiedHere, type EnvironmentState, type Veto } from './state.ts'

const KEPT_VETOES = 20

export function vetoOf(state: EnvironmentState, snapshot: Snapshot): Veto | null {
  const made = madeOf(snapshot)
  return state.vetoes.find((veto) => veto.madeOf === made) ?? null
}

/** Automation does not bring this snapshot back here; a person can. */
export function vetoed(state: EnvironmentState, veto: Veto): EnvironmentState {
  const vetoes = [...state.vetoes.filter((other) => other.madeOf !== veto.madeOf), veto].slice(-KEPT_VETOES)
  return { ...state, vetoes, entries: recorded(state.entries, veto.at, 'vetoed', `${veto.tag} (epoch ${veto.epoch}): ${veto.reason}`) }
}

/** What is verified is good again, whoever brought it back. */
export function withoutVeto(state: EnvironmentState, lifted: Veto | null): EnvironmentState {
  return lifted === null ? state : { ...state, vetoes: state.vetoes.filter((veto) => veto !== lifted) }
}

export type VetoLift = { readonly epoch: number; readonly by: Actor; readonly reason: string | null }

/** A person says that a vetoed snapshot may come back. */
export function judgeLift(state: EnvironmentState, wish: VetoLift, now: number): Judged {
  const answer = refusalOf(state, wish)
  const veto = answer === null ? vetoByEpoch(state, wish.epoch) : undefined
  if (answer !== null || veto === undefined) {
    return denied(
      state,
      'lifting a veto',
      wish.by,
      answer ?? refuse(notVetoed(state, wish.epoch), [`slipway env ${state.name}`], 'notFound'),
      now,
    )
  }
  const text = `the veto on ${veto.tag} (epoch ${veto.epoch}) in ${state.name} is lifted`
  const entries = recorded(state.entries, now, 'vetoLifted', `${text}: ${wish.reason ?? ''}`, wish.by)
  return { state: { ...withoutVeto(state, veto), entries }, answer: { ok: true, text } }
}

function refusalOf(state: EnvironmentState, wish: VetoLift) {
  const right = authorise('unveto', wish.by, state.settings)
  if (right !== null) return right
  return wish.reason === null ? refuse('lifting a veto needs a reason', [`slipway unveto ${state.name} ${wish.epoch} --reason …`]) : null
}

/** By the epoch that was vetoed, or by another epoch that was made of the same snapshot. */
function vetoByEpoch(state: EnvironmentState, epoch: number): Veto | undefined {
  const deployed = verifiedHere(state).find((other) => other.epoch === epoch)
  const made = deployed === undefined ? null : madeOf(deployed.snapshot)
  return state.vetoes.find((veto) => veto.epoch === epoch || veto.madeOf === made)
}

function notVetoed(state: EnvironmentState, epoch: number): string {
  const known = state.vetoes.map((veto) => `${veto.epoch} (${veto.tag})`).join(', ')
  return `epoch ${epoch} is not vetoed in ${state.name}; vetoed: ${known === '' ? 'nothing' : known}`
}
