import { actorName } from '../../domain/actor.ts'
import { missingOf, spokenNeed, votesOf } from '../../domain/environment/approvals.ts'
import { lackOf } from '../../domain/environment/judge-override.ts'
import type { EnvironmentState, PlanSeen, Preparation, WaitingRequest } from '../../domain/environment/state.ts'
import { spokenNames } from '../../domain/environment/plan-seen.ts'
import { shortSha } from '../../domain/revision.ts'
import { changedImageLines } from './changed-images.ts'
import { planCounts } from './plan.ts'
import { span, type Line } from './span.ts'

/** What somebody is about to decide on: what would run, in place of what, what that lacks, and the hash of it all. */
export function approvalLines(state: EnvironmentState, { request, stage, override }: WaitingRequest, preparation: Preparation): Line[] {
  const { snapshot, requestHash } = preparation
  const { current } = state
  return [
    [span(request.id, 'bold'), span(` for ${state.name}: ${snapshot.tag} at ${shortSha(snapshot.candidate.revision)}`)],
    ...changedImageLines(current?.snapshot.candidate ?? null, snapshot.candidate),
    [
      span(
        current === null
          ? '  it is the first deployment: there is nothing to go back to'
          : `  it replaces ${current.tag} (epoch ${current.epoch}, ${shortSha(current.snapshot.candidate.revision)})`,
      ),
    ],
    ...(stage.kind === 'held' ? [[span(`  it lacks ${lackOf(stage.lacks)}`, 'yellow')]] : []),
    ...(override === undefined
      ? []
      : [[span(`  it may replace what it lacks, says ${actorName(override.by)}: ${override.reason}`, 'yellow')]]),
    ...planLines(preparation.plan),
    [span('  hash '), span(requestHash)],
    ...voteLines(state, stage),
  ]
}

function planLines(plan: PlanSeen | undefined): Line[] {
  if (plan === undefined) return []
  if (!plan.ok) return [[span(`  what it changes could not be planned: ${plan.reason}`, 'yellow')]]
  const takes = plan.removals.names.length === 0 ? [] : [[span(`  it would ${spokenNames(plan.removals)}`, 'red' as const)]]
  return [...takes, [span(`  ${planCounts(plan.counts)}`)]]
}

/** Who has approved it already, and who is missing. */
function voteLines(state: EnvironmentState, stage: WaitingRequest['stage']): Line[] {
  const votes = votesOf(stage)
  const given = votes.map(({ by, reason }): Line => {
    const key = by.kind === 'person' && by.key !== undefined ? `, ${by.key.slice(0, 15)}…` : ''
    return [span(`  approved by ${actorName(by)}${key}${reason === null ? '' : `: ${reason}`}`, 'green')]
  })
  const { count, required } = stage.kind === 'awaitingApproval' ? missingOf(votes, state.settings) : { count: 0, required: [] }
  const isPlain = votes.length === 0 && count === 1 && required.length === 0
  return count === 0 || isPlain ? given : [...given, [span(`  ${spokenNeed(votes, state.settings)}`, 'yellow')]]
}
