import { plainLine } from '../plain-line.ts'
import { done, failed, LINE_LIMIT, UNSEEN, waiting, type Progress } from './progress.ts'

export type Condition = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  /** The generation that it speaks of; null when it does not say. */
  readonly observed: number | null
}

/** Many controllers complain while they begin: it counts when it stays. */
const FAILURE_LASTS_MS = 5_000

/** All of these that are there have to be true. */
const GOALS = new Set(['Ready', 'Healthy', 'Available', 'Succeeded', 'Complete'])
const BROKEN = new Set(['Failed', 'Stalled', 'Degraded'])
const UNDERWAY = new Set(['Reconciling', 'Issuing'])

/** Where `False` is a verdict; while they are at it, these say `Unknown`. */
const FALSE_IS_FINAL = /(^|\.)(knative|tekton)\.dev\//

/** The gravest word counts; null when none of the conditions says how far the object is. `generation` null: nobody counts them. */
export function conditionStatus(apiVersion: string, generation: number | null, conditions: readonly Condition[]): Progress | null {
  const isStale = ({ observed }: Condition) => generation !== null && observed !== null && observed < generation
  const isGoal = ({ type }: Condition) => GOALS.has(type)
  if (conditions.some((each) => isGoal(each) && isStale(each))) return UNSEEN
  const known = conditions.filter((each) => !isStale(each))
  const goals = known.filter(isGoal)

  const missed = goals.find(({ status }) => status !== 'True')
  const broken = known.find((each) => isBroken(apiVersion, each)) ?? (missed && known.find(hasGivenUp))
  if (broken) return failed(wordsOf(broken), FAILURE_LASTS_MS)
  const underway = known.find(({ type, status }) => UNDERWAY.has(type) && status === 'True')
  const open = missed ?? underway
  if (open) return waiting(wordsOf(open))
  // `Ready` sums up. Without it, what is available may still be changing.
  const moving = goals.some(({ type }) => type === 'Ready') ? undefined : known.find(isMoving)
  if (moving) return waiting(wordsOf(moving))
  if (goals.length > 0) return done(goals.map(({ type }) => type.toLowerCase()).join(', '))
  return known.some(saysSomething) ? done('nothing of it is underway') : null
}

function isBroken(apiVersion: string, { type, status, reason }: Condition): boolean {
  if (BROKEN.has(type)) return status === 'True'
  if (status !== 'False') return false
  if (type === 'Progressing') return reason === 'ProgressDeadlineExceeded'
  return (type === 'Ready' || type === 'Succeeded') && FALSE_IS_FINAL.test(apiVersion)
}

/** cert-manager, which tries again in an hour. */
function hasGivenUp({ type, status, reason }: Condition): boolean {
  return type === 'Issuing' && status === 'False' && reason === 'Failed'
}

/** A Deployment, and what is made after it, stays `Progressing` when it is through, with this reason. */
function isMoving({ type, status, reason }: Condition): boolean {
  return type === 'Progressing' && status === 'True' && reason !== 'NewReplicaSetAvailable'
}

function saysSomething({ type }: Condition): boolean {
  return type === 'Progressing' || BROKEN.has(type) || UNDERWAY.has(type)
}

/** `Ready is False (NotFound): no such issuer` */
function wordsOf({ type, status, reason, message }: Condition): string {
  return plainLine(`${type} is ${status}${reason === '' ? '' : ` (${reason})`}${message === '' ? '' : `: ${message}`}`, LINE_LIMIT)
}
