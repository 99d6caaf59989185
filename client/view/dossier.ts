import { actorName } from '../../domain/actor.ts'
import { lackOf } from '../../domain/environment/judge-override.ts'
import { spokenFreeze } from '../../domain/environment/freeze.ts'
import { spokenNames } from '../../domain/environment/plan-seen.ts'
import { shortSha } from '../../domain/revision.ts'
import type { Dossier } from '../approval/review.ts'
import { changedImageLines } from './changed-images.ts'
import { age, moment } from './duration.ts'
import { changeLines, planCounts } from './plan.ts'
import { BLANK, span, table, type Line } from './span.ts'

const SHOWN_COMMITS = 8

/** Read at night: what is about to happen in a line, then what should make one stop, then the rest, the longest last. */
export function dossierLines(dossier: Dossier, now: number): Line[] {
  const { view, waiting, preparation } = dossier
  const { current } = view.state
  const { snapshot, requestHash } = preparation
  return [
    [
      span(waiting.request.id, 'bold'),
      span(` for ${view.state.name}: ${snapshot.tag} at ${shortSha(snapshot.candidate.revision)}`),
      span(
        current === null
          ? ', the first deployment: there is nothing to go back to'
          : `, in place of ${current.tag} (epoch ${current.epoch}, ${shortSha(current.snapshot.candidate.revision)})`,
      ),
    ],
    ...warningLines(dossier),
    BLANK,
    ...changedImageLines(current?.snapshot.candidate ?? null, snapshot.candidate),
    ...signOffLines(dossier, now),
    ...commitLines(dossier),
    ...planPart(dossier, now),
    BLANK,
    [span('  hash '), span(requestHash)],
  ]
}

/** What somebody has to know before anything else. */
function warningLines({ view, waiting, preparation, plan }: Dossier): Line[] {
  const { state } = view
  const { override, stage } = waiting
  const { irreversible } = preparation.snapshot
  return [
    ...(plan?.ok === true && plan.removals.names.length > 0 ? [[span(`  it would ${spokenNames(plan.removals)}`, 'red')]] : []),
    ...(plan?.ok === false ? [[span(`  what it changes could not be planned: ${plan.reason}`, 'yellow')]] : []),
    ...(irreversible === undefined
      ? []
      : [[span(`  it cannot be taken back, because of ${irreversible.name}: ${irreversible.reason}`, 'red')]]),
    ...(stage.kind === 'held' ? [[span(`  it lacks ${lackOf(stage.lacks)}`, 'yellow')]] : []),
    ...(override === undefined
      ? []
      : [[span(`  it may replace what it lacks, says ${actorName(override.by)}: ${override.reason}`, 'yellow')]]),
    ...(state.freeze?.open === false
      ? [[span(`  ${state.name} is ${spokenFreeze(state.freeze)}: approved, it waits for that`, 'yellow')]]
      : []),
    ...(state.broken ? [[span(`  ${state.name} is as a failure left it`, 'yellow')]] : []),
  ]
}

function signOffLines({ signOffs }: Dossier, now: number): Line[] {
  if (signOffs.length === 0) return [[span('  nobody has signed it off, as far as is known', 'yellow')]]
  return signOffs.map(({ environment, verdict, by, at, message }) => [
    span(
      `  ${verdict === 'pass' ? 'signed off' : 'found not good'} on ${environment} by ${by}, ${age(at, now)} ago (${moment(at)} UTC)${message === null ? '' : `: ${message}`}`,
      verdict === 'pass' ? undefined : 'red',
    ),
  ])
}

function commitLines({ view, commits, commitsProblem }: Dossier): Line[] {
  const { current } = view.state
  if (commits === null) return [[span(`  its commits cannot be told: ${commitsProblem ?? ''}`, 'yellow')]]
  if (current === null) return []
  const authors = [...new Set(commits.commits.flatMap(({ author }) => author ?? []))]
  const some = commits.total > commits.commits.length ? ' and others' : ''
  const head = `  ${commits.total === 0 ? 'no commit' : commits.total === 1 ? '1 commit' : `${commits.total} commits`} since ${current.tag}${authors.length === 0 ? '' : `, by ${authors.join(', ')}${some}`}`
  const shown = commits.commits.slice(0, SHOWN_COMMITS)
  const left = commits.total - shown.length
  return [
    [span(head)],
    ...table(
      shown.map(({ revision, subject, author = '' }) => [span(shortSha(revision), 'dim'), span(subject), span(author, 'dim')]),
      4,
    ),
    ...(left > 0 ? [[span(`    and ${left} more`, 'dim')]] : []),
  ]
}

function planPart({ plan, changes, planProblem }: Dossier, now: number): Line[] {
  if (plan === null) return planProblem === null ? [] : [BLANK, [span(`  without a plan: ${planProblem}`, 'yellow')]]
  if (!plan.ok) return []
  const stale =
    planProblem === null ? [] : [[span(`  as it was planned ${age(plan.at, now)} ago; anew it cannot be: ${planProblem}`, 'yellow')]]
  const basis: Line = [span('  plan '), span(plan.basis)]
  return [
    BLANK,
    ...stale,
    ...(changes === null ? [[span(planCounts(plan.counts), 'bold')]] : changeLines({ changes, counts: plan.counts })),
    BLANK,
    basis,
  ]
}
