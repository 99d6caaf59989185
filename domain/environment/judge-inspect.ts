import { canTell } from '../settings.ts'
import { refuse, type Refusal } from '../wait.ts'
import type { Deployed, EnvironmentState } from './state.ts'

/** What the target is to be held against; a refusal where there is nothing, or nothing that stands still. */
export function judgeInspect(state: EnvironmentState): { readonly ok: true; readonly current: Deployed } | Refusal {
  const { name, running, current, settings } = state
  const look = [`slipway env ${name}`]
  const target = current?.snapshot.target ?? settings?.target
  if (target !== undefined && !canTell({ target, answers: settings?.answers ?? [] }, 'status')) {
    return refuse(`drift is not available for a script target: what ${name} holds is known to its script alone`)
  }
  if (running !== null) {
    return refuse(`${running.request.tag} is being deployed to ${name} as epoch ${running.epoch}; look again when that has ended`, look)
  }
  if (current === null) return refuse(`nothing is verified in ${name} yet: there is nothing to hold it against`, look)
  if (current.adopted === true) {
    return refuse(
      `${current.tag} was in ${name} before Slipway, which has applied nothing there yet: there is nothing to hold it against`,
      look,
    )
  }
  return { ok: true, current }
}

/** A look counts only when nothing was begun since: what it saw may be half of what is there now. */
export function stillStands(state: EnvironmentState, before: EnvironmentState): boolean {
  return state.running === null && state.epoch === before.epoch && state.current?.epoch === before.current?.epoch
}
