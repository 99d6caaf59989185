import { actorName, isSameActor, type Actor } from '../actor.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import type { Deployed, EnvironmentState, Unconfirmed } from './state.ts'

/** A second person's word on what began in a freeze. */
export type ConfirmWish = { readonly epoch: number; readonly by: Actor; readonly reason: string | null }

export function judgeConfirm(state: EnvironmentState, wish: ConfirmWish, now: number): Judged {
  const found = state.unconfirmed.find(({ epoch }) => epoch === wish.epoch)
  const refusal = refusalOf(state, found, wish)
  if (refusal !== null || found === undefined) {
    const unknown = refuse(`epoch ${wish.epoch} of ${state.name} waits for nobody's word`, [`slipway env ${state.name}`], 'notFound')
    return denied(state, `confirming epoch ${wish.epoch}`, wish.by, refusal ?? unknown, now)
  }
  const { windows, by, reason } = found
  const confirmed = <T extends Pick<Deployed, 'epoch' | 'breakGlass'> | null>(each: T): T =>
    each?.epoch === wish.epoch && each.breakGlass !== undefined
      ? { ...each, breakGlass: { ...each.breakGlass, confirmed: { by: wish.by, at: now, reason: wish.reason } } }
      : each
  const text = `${found.tag} (epoch ${found.epoch}), which began in ${state.name} though it was frozen (${windows.join(', ')}) by the word of ${actorName(by)} (${reason}), is confirmed`
  return {
    state: {
      ...state,
      unconfirmed: state.unconfirmed.filter((other) => other !== found),
      current: confirmed(state.current),
      running: confirmed(state.running),
      past: state.past.map((each) => confirmed(each)),
      entries: recorded(state.entries, now, 'confirmed', wish.reason === null ? text : `${text}: ${wish.reason}`, wish.by),
    },
    answer: { ok: true, text: `${found.tag} (epoch ${found.epoch}) of ${state.name} is confirmed` },
  }
}

function refusalOf(state: EnvironmentState, found: Unconfirmed | undefined, wish: ConfirmWish): Refusal | null {
  const right = authorise('confirm', wish.by, state.settings)
  if (right !== null) return right
  const waiting = state.unconfirmed.map(({ epoch, tag }) => `${epoch} (${tag})`).join(', ')
  if (found === undefined) {
    const known = `epoch ${wish.epoch} of ${state.name} waits for nobody's word; what does: ${waiting === '' ? 'nothing' : waiting}`
    return refuse(known, [`slipway env ${state.name}`], 'notFound')
  }
  return isSameActor(found.by, wish.by)
    ? refuse(`${wish.by.name} broke the freeze for ${found.tag} (epoch ${found.epoch}): somebody else has to confirm it`, [], 'rights')
    : null
}
