import { actorName } from '../../domain/actor.ts'
import type { Deployed, EnvironmentState } from '../../domain/environment/state.ts'
import { shortSha } from '../../domain/revision.ts'
import { changedImageLines } from './changed-images.ts'
import { age, moment } from './duration.ts'
import { span, table, type Line, type Span } from './span.ts'

/** What an environment goes back from and to, before somebody says it. */
export function rollbackLines(state: EnvironmentState, to: Deployed, now: number): Line[] {
  const { current } = state
  const from = current === null ? [] : [[span('from'), ...cells(current, now)]]
  return [
    [span(state.name, 'bold'), span(howOf(state, to))],
    ...table([...from, [span('to'), ...cells(to, now)]]),
    ...changedImageLines(current?.snapshot.candidate ?? null, to.snapshot.candidate),
  ]
}

function howOf({ broken, running, current }: EnvironmentState, to: Deployed): string {
  if (broken) return '  goes back to what was verified; a failure left it broken'
  return running === null && to.epoch === current?.epoch ? '  gets once more what was applied there' : '  goes back'
}

function cells(deployed: Deployed, now: number): Span[] {
  const { tag, epoch, snapshot, since } = deployed
  return [
    span(tag, 'bold'),
    span(`epoch ${epoch}`),
    span(shortSha(snapshot.candidate.revision)),
    span(`${deployed.adopted === true ? 'taken over' : 'verified'} ${moment(since)} UTC, ${age(since, now)} ago`),
    span(originOf(deployed)),
  ]
}

/** By whose word it came there. */
export function originOf({ approval, rollback, adopted }: Deployed): string {
  if (approval !== null) return `approved by ${actorName(approval.by)}`
  if (rollback !== undefined) return `brought back by ${actorName(rollback.by)}`
  return adopted === true ? 'was there before Slipway' : 'needed no approval'
}
