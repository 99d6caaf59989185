import type { Actor } from '../actor.ts'
import { shortSha, type Revision } from '../revision.ts'
import { recorded } from '../timeline.ts'
import { refuse } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import type { EnvironmentState, SignOff } from './state.ts'

export type SignOffWish = {
  /** Null: neither was said. */
  readonly verdict: 'pass' | 'fail' | null
  /** What the person looked at: the epoch, and the revision it runs. */
  readonly epoch: number
  readonly revision: Revision
  readonly by: Actor
  readonly message: string | null
}

/** QA's word on the candidate that is verified in the environment now; on no other. */
export function judgeSignOff(state: EnvironmentState, wish: SignOffWish, now: number): Judged {
  const refusal = refusalOf(state, wish)
  if (refusal !== null || wish.verdict === null) {
    return denied(
      state,
      'sign-off',
      wish.by,
      refusal ?? refuse('a sign-off says whether it passes or fails', [`slipway signoff ${state.name} --pass`]),
      now,
    )
  }
  const current = state.current!
  const signOff: SignOff = { verdict: wish.verdict, by: wish.by, at: now, message: wish.message }
  const text = `${current.tag} is ${wish.verdict === 'pass' ? 'signed off' : 'refused by QA'} in ${state.name}`
  const said = wish.message === null ? text : `${text}: ${wish.message}`
  return {
    state: {
      ...state,
      current: { ...current, signOff },
      entries: recorded(state.entries, now, wish.verdict === 'pass' ? 'signedOff' : 'refusedByQa', said, wish.by),
    },
    answer: { ok: true, text },
  }
}

function refusalOf(state: EnvironmentState, wish: SignOffWish) {
  const right = authorise('signOff', wish.by, state.settings)
  if (right !== null) return right
  const look = [`slipway env ${state.name}`]
  if (state.running !== null) {
    return refuse(`${state.running.request.tag} is being deployed to ${state.name}; sign off when it is verified`, look)
  }
  if (state.current === null) return refuse(`nothing is verified in ${state.name} yet`, look)
  if (state.broken) {
    const why = state.parked?.target === 'broken' ? ` (${state.parked.reason})` : ''
    return refuse(`${state.name} is broken${why}; there is nothing to sign off until something is verified there again`, look)
  }
  if (state.current.epoch !== wish.epoch || state.current.snapshot.candidate.revision !== wish.revision) {
    return refuse(
      `${state.name} runs ${state.current.tag} (epoch ${state.current.epoch}, ${shortSha(state.current.snapshot.candidate.revision)}) now, not what was looked at (epoch ${wish.epoch})`,
      look,
    )
  }
  return null
}
