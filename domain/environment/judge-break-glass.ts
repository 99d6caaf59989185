import { actorName } from '../actor.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { spokenFreeze } from './freeze.ts'
import { otherHash, type OverrideWish } from './judge-override.ts'
import { denied, type Judged } from './judged.ts'
import { isBlank } from './reason.ts'
import type { BreakGlass, EnvironmentState, WaitingRequest } from './state.ts'

/** The state has a place for so many that nobody else has confirmed. */
export const MOST_UNCONFIRMED = 10

/** An approver lets one request begin in a freeze, and somebody else confirms it afterwards. It still needs its approval. */
export function judgeBreakGlass(state: EnvironmentState, wish: OverrideWish, now: number): Judged {
  const waiting = state.waiting.find(({ request }) => request.id === wish.request)
  const refusal = refusalOf(state, waiting, wish)
  if (refusal !== null || waiting === undefined) {
    const what = `breaking the freeze for ${wish.request.slice(0, 100)}`
    return denied(state, what, wish.by, refusal ?? refuse(`no request ${wish.request} waits in ${state.name}`, [], 'notFound'), now)
  }
  const windows = (state.freeze?.windows ?? []).map(({ name }) => name)
  const breakGlass: BreakGlass = { hash: wish.hash, by: wish.by, at: now, reason: wish.reason ?? '', windows }
  const text = `${waiting.request.tag} may begin in ${state.name} though it is frozen (${windows.join(', ')})`
  return {
    state: {
      ...state,
      waiting: state.waiting.map((other) => (other === waiting ? { ...other, breakGlass } : other)),
      entries: recorded(state.entries, now, 'glassBroken', `${text}: ${breakGlass.reason}`, wish.by),
    },
    answer: { ok: true, text: `${text}; somebody else confirms that afterwards with slipway confirm ${state.name}` },
  }
}

function refusalOf(state: EnvironmentState, waiting: WaitingRequest | undefined, wish: OverrideWish): Refusal | null {
  const look = [`slipway env ${state.name}`]
  const right = authorise('breakGlass', wish.by, state.settings)
  if (right !== null) return right
  if (isBlank(wish.reason)) return refuse('to break a freeze needs a reason', look)
  if (waiting === undefined) return refuse(`no request ${wish.request} waits in ${state.name}`, look, 'notFound')
  if (!('preparation' in waiting.stage))
    return refuse(`${wish.request} is not rendered yet in ${state.name}: there is nothing to look at`, look)
  const other = otherHash(state, wish, waiting.stage.preparation)
  if (other !== null) return other
  if (state.freeze === null || state.freeze.open)
    return refuse(`${state.name} is not frozen, as far as is known: nothing waits for the end of a freeze there`, look)
  if (waiting.breakGlass?.hash === wish.hash)
    return refuse(`${wish.request} may begin already: ${actorName(waiting.breakGlass.by)} broke the freeze for it`, look)
  if (state.unconfirmed.length < MOST_UNCONFIRMED) return null
  const epochs = state.unconfirmed.map(({ epoch }) => epoch).join(', ')
  return refuse(
    `${state.name} is ${spokenFreeze(state.freeze)}, and ${MOST_UNCONFIRMED} deployments that broke one wait to be confirmed: epochs ${epochs}`,
    [`slipway confirm ${state.name} ${state.unconfirmed[0]?.epoch ?? 0}`],
  )
}
