import { requestHash, snapshotHash } from '../../config/made-of.ts'
import { quoted } from '../../domain/parsed.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { CheckedApproval, CheckedDeployment, CheckedEnvironment } from '../format.ts'
import { both, type Found } from './bundle.ts'
import { note, problem } from './signature.ts'
import type { SignedWord } from './statements.ts'
import { checkVotes } from './votes.ts'

/** An epoch is small; a forged one shall not keep anybody busy. */
const MOST_EPOCHS = 100_000

const NOTHING: Found = { problems: [], notes: [] }

/** What was deployed is what was approved, by its hash, and by as many people as had to: or it needed nobody. */
export function checkApprovals(environment: CheckedEnvironment, words: readonly SignedWord[]): Found {
  return both(...environment.deployments.map((deployment) => checkDeployment(environment, deployment, words)), checkPolicy(environment))
}

function checkDeployment(environment: CheckedEnvironment, deployment: CheckedDeployment, words: readonly SignedWord[]): Found {
  const what = `epoch ${deployment.epoch} of ${quoted(environment.name)}`
  const { snapshot, approval } = deployment
  const { hash, ...made } = snapshot as unknown as Snapshot
  if (snapshotHash(made) !== hash) return problem(`${what}: what its snapshot is made of does not give its hash`)
  if (approval !== null) {
    const problems = whyNotOwn(approval, deployment).map((why) => `${what}: ${why}`)
    return both({ problems, notes: [] }, checkVotes(what, approval, environment, words))
  }
  // As it was when it began, where that is told: the settings are those of the bundle's time.
  const guarded = deployment.guarded ?? environment.settings?.guarded
  return guarded === false ? NOTHING : checkUnapproved(what, environment, deployment, words)
}

/** Of exactly this request, given while it waited. What was put there once more keeps the approval that it had. */
function whyNotOwn(approval: CheckedApproval, deployment: CheckedDeployment): string[] {
  const { request, origin, epoch, askedAt, since } = deployment
  const isAgain = origin !== undefined && isBackTo(request, origin, epoch)
  const times = [approval.at, ...(approval.earlier ?? []).map(({ at }) => at)]
  return [
    ...(isHashOf(approval, deployment) ? [] : ['the approval is of another request than the one that was deployed']),
    ...(isAgain || approval.request === request
      ? []
      : [`the approval is of the request ${quoted(approval.request)}, and ${quoted(request)} was deployed`]),
    ...(times.every((at) => at <= since && (isAgain || at >= askedAt)) ? [] : ['it was approved before it was asked for, or after it ran']),
  ]
}

/** Without an approval of its own in a guarded environment: what was there before Slipway, or a way back to what was approved. */
function checkUnapproved(
  what: string,
  environment: CheckedEnvironment,
  deployment: CheckedDeployment,
  words: readonly SignedWord[],
): Found {
  const { settings, deployments } = environment
  if (settings === null) return problem(`${what} was not approved, and the record does not say whether it had to be`)
  const before = deployments.filter(({ epoch }) => epoch < deployment.epoch)
  if (deployment.adopted === true)
    return before.length === 0
      ? note(`${what} ran before Slipway came: nobody approved it`)
      : problem(`${what} is said to have run before Slipway came, and epoch ${before[0]?.epoch ?? 0} did before it`)
  const rests = isWayBack(deployment) ? restsOn(deployment, before) : undefined
  if (rests === 'adopted') return note(`${what} went back to what ran before Slipway came: nobody approved that`)
  if (rests === undefined) return problem(`${what} was not approved, and ${quoted(environment.name)} is guarded`)
  return isHashOf(rests, deployment) && rests.at <= deployment.since
    ? checkVotes(what, rests, environment, words)
    : problem(`${what}: the approval that it went back to is of something else`)
}

/** What a way back rests on: told beside it, or by what it goes back to, where that is in the record. */
function restsOn({ rests, snapshot }: CheckedDeployment, before: readonly CheckedDeployment[]): CheckedApproval | 'adopted' | undefined {
  if (rests !== undefined) return rests
  const same = before.filter((each) => each.snapshot.hash === snapshot.hash)
  const approved = same.flatMap((each) => each.approval ?? each.rests ?? [])
  return approved[0] ?? (same.some(({ adopted }) => adopted === true) ? 'adopted' : undefined)
}

function isWayBack({ request, epoch, rollback, origin }: CheckedDeployment): boolean {
  return (rollback !== undefined || origin !== undefined) && isBackTo(request, 0, epoch)
}

/** As requests for a way back are called: `rollback-4`, `rollback-4~2`. */
function isBackTo(request: string, from: number, before: number): boolean {
  const epoch = /^rollback-(\d{1,9})(?:~\d+)?$/.exec(request)?.[1]
  return epoch !== undefined && from <= Number(epoch) && Number(epoch) < before
}

/** The epoch that it replaced is not told beside it: one of those before it, or none. */
function isHashOf({ request, hash }: CheckedApproval, { snapshot, epoch }: CheckedDeployment): boolean {
  const of = (replacesEpoch: number | null) => requestHash({ request, snapshotHash: snapshot.hash, replacesEpoch })
  if (of(null) === hash) return true
  for (let before = Math.min(epoch, MOST_EPOCHS) - 1; before >= 0; before--) if (of(before) === hash) return true
  return false
}

/** Releases go where somebody approves them; where nobody has to, it is said. */
function checkPolicy({ name, settings, deployments }: CheckedEnvironment): Found {
  const isOpen = settings?.from === 'tag' && !settings.guarded && deployments.length > 0
  return isOpen ? note(`${quoted(name)} is not guarded: nobody had to approve what was released there`) : NOTHING
}
