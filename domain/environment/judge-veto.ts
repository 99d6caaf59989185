import { actorName, type Actor } from '../actor.ts'
import { cut } from '../cut.ts'
import { madeOf } from '../snapshot.ts'
import { recorded } from '../timeline.ts'
import { refuse, type Refusal } from '../wait.ts'
import { authorise } from './authorise.ts'
import { denied, type Judged } from './judged.ts'
import { isBlank } from './reason.ts'
import { verifiedHere, type Deployed, type EnvironmentState } from './state.ts'
import { vetoed, vetoOf } from './veto.ts'

/** What was verified here as this epoch. */
export type VetoWish = { readonly epoch: number; readonly by: Actor; readonly reason: string | null }

const LONGEST_REASON = 300

/** A person says that automation shall not bring a snapshot back here. What runs goes on until something else takes its place. */
export function judgeVeto(state: EnvironmentState, wish: VetoWish, now: number): Judged {
  const { epoch, by, reason } = wish
  const deployed = verifiedHere(state).find((other) => other.epoch === epoch)
  const refusal = refusalOf(state, wish, deployed)
  if (refusal !== null || deployed === undefined)
    return denied(state, `a veto on epoch ${epoch}`, by, refusal ?? unknown(state, epoch), now)
  const { tag, snapshot } = deployed
  const why = cut(`vetoed by ${actorName(by)}: ${reason}`, LONGEST_REASON)
  const next = vetoed(state, { madeOf: madeOf(snapshot), tag, epoch, reason: why, at: now })
  const text = `${tag} (epoch ${epoch}) is vetoed in ${state.name}${epoch === state.current?.epoch ? '; it runs on until something else takes its place' : ''}`
  return { state: { ...next, entries: recorded(state.entries, now, 'vetoed', `${text}: ${reason}`, by) }, answer: { ok: true, text } }
}

function refusalOf(state: EnvironmentState, { by, epoch, reason }: VetoWish, deployed: Deployed | undefined): Refusal | null {
  const right = authorise('veto', by, state.settings)
  if (right !== null) return right
  if (isBlank(reason)) return refuse('a veto needs a reason', [`slipway veto ${state.name} ${epoch} --reason …`])
  if (deployed === undefined) return unknown(state, epoch)
  const known = vetoOf(state, deployed.snapshot)
  if (known === null) return null
  return refuse(`${deployed.tag} (epoch ${epoch}) is vetoed in ${state.name} already: ${known.reason}`, [`slipway env ${state.name}`])
}

function unknown(state: EnvironmentState, epoch: number): Refusal {
  const known = verifiedHere(state).map((each) => `${each.epoch} (${each.tag})`)
  const list = known.length === 0 ? 'nothing' : known.join(', ')
  return refuse(
    `epoch ${epoch} was never verified in ${state.name}, or is too old to be known; one can veto ${list}`,
    [`slipway env ${state.name}`],
    'notFound',
  )
}
