import { actorName } from '../../domain/actor.ts'
import type { PlannedChange } from '../../activities/contract.ts'
import {
  verifiedHere,
  type EnvironmentState,
  type PlanSeen,
  type Preparation,
  type WaitingRequest,
} from '../../domain/environment/state.ts'
import type { EnvironmentView, Review } from '../../workflows/messages.ts'
import { inTime } from '../in-time.ts'
import { environmentOf } from '../known-environment.ts'
import { readPlan } from '../plan/take.ts'
import type { Slipway } from '../typed/slipway.ts'

/** Who said that the candidate is good, or not, where QA looks at it. */
export type SeenSignOff = {
  readonly environment: string
  readonly verdict: 'pass' | 'fail'
  readonly by: string
  readonly at: number
  readonly message: string | null
}

/** All that somebody should see who decides about a request. What cannot be had in time says why. */
export type Dossier = {
  readonly view: EnvironmentView
  readonly waiting: WaitingRequest
  readonly preparation: Preparation
  readonly signOffs: readonly SeenSignOff[]
  readonly commits: Pick<Review, 'commits' | 'total'> | null
  readonly commitsProblem: string | null
  /** Null where nothing is planned beforehand. */
  readonly plan: PlanSeen | null
  /** Object by object; null where that cannot be read. */
  readonly changes: readonly PlannedChange[] | null
  /** Why the plan is not of now, or cannot be shown whole. */
  readonly planProblem: string | null
}

/** A person waits: what does not answer by then is left out, and said. */
const WITHIN_MS = 20_000

/** Has the request looked at anew, and reads what is known of it elsewhere. */
export async function takeDossier(
  slipway: Slipway,
  environment: string,
  { waiting, preparation }: Pick<Dossier, 'waiting' | 'preparation'>,
): Promise<Dossier> {
  const id = waiting.request.id
  const [review, signOffs] = await Promise.all([
    inTime(slipway.review(environment, id), WITHIN_MS),
    inTime(signOffsOf(slipway, preparation.snapshot.candidate.revision), WITHIN_MS),
  ])
  const view = await environmentOf(slipway, environment)
  // Rendered anew meanwhile, it is another thing: the environment says so when it is voted on.
  const now = preparedIn(view.state, id) ?? { waiting, preparation }
  const told = typeof review === 'string' ? review : review.ok ? null : review.reason
  const plan = now.preparation.plan ?? null
  const changes = plan?.ok === true ? await inTime(readPlan(slipway, plan.whole), WITHIN_MS) : null
  const reviewed = typeof review !== 'string' && review.ok ? review : null
  return {
    view,
    ...now,
    signOffs: typeof signOffs === 'string' ? [] : signOffs,
    commits: reviewed === null || reviewed.commitsProblem !== null ? null : reviewed,
    commitsProblem: told ?? reviewed?.commitsProblem ?? null,
    plan,
    changes: typeof changes === 'string' ? null : changes,
    planProblem: told ?? reviewed?.problem ?? (typeof changes === 'string' ? changes : null),
  }
}

function preparedIn({ waiting }: EnvironmentState, id: string): Pick<Dossier, 'waiting' | 'preparation'> | null {
  const found = waiting.find(({ request }) => request.id === id)
  return found !== undefined && 'preparation' in found.stage ? { waiting: found, preparation: found.stage.preparation } : null
}

/** QA's words on this revision, from the environments that release branches feed. */
async function signOffsOf(slipway: Slipway, revision: string): Promise<SeenSignOff[]> {
  const { settings } = await slipway.repository()
  const tested = (settings?.environments ?? []).filter(({ from }) => from === 'release')
  const views = await Promise.all(tested.map(({ name }) => slipway.environment(name)))
  return views.flatMap((view): SeenSignOff[] => {
    if (view === null) return []
    const found = verifiedHere(view.state).find(({ snapshot, signOff }) => signOff !== null && snapshot.candidate.revision === revision)
    if (found?.signOff == null) return []
    const { verdict, by, at, message } = found.signOff
    return [{ environment: view.state.name, verdict, by: actorName(by), at, message }]
  })
}
