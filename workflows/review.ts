import { proxyActivities } from '@temporalio/workflow'
import type { GitActivities } from '../activities/contract.ts'
import { absorbFreeze } from '../domain/environment/freeze.ts'
import { absorbPlan, isPlanned, wholeOf, type PlanAnswer } from '../domain/environment/plan-seen.ts'
import type { DeployRequest, EnvironmentState, Preparation } from '../domain/environment/state.ts'
import { refuse, type Answer } from '../domain/wait.ts'
import { readFreeze } from './freeze-watch.ts'
import type { Review } from './messages.ts'
import { reasonOf } from './persist.ts'
import { planBriefly } from './plan-seen.ts'
import { GIT_WHILE_SOMEBODY_WAITS } from './policies.ts'

export type Reviewed = {
  readonly read: () => EnvironmentState
  readonly write: (state: EnvironmentState) => void
}

/**
 * What somebody looks at who decides about a request: planned anew, so that what they see is what is, with the commits since
 * what runs, and whether it is frozen. Once at a time for each request; what cannot be told is told as that.
 */
export function openReviews({ read, write }: Reviewed): (id: string) => Promise<Answer<Review>> {
  const under = new Map<string, Promise<Answer<Review>>>()
  return (id) => {
    const begun = under.get(id) ?? review(id).finally(() => under.delete(id))
    under.set(id, begun)
    return begun
  }

  async function review(id: string): Promise<Answer<Review>> {
    const waiting = read().waiting.find(({ request }) => request.id === id)
    const { name } = read()
    if (waiting === undefined) return refuse(`no request ${id.slice(0, 100)} waits in ${name}`, [`slipway env ${name}`], 'notFound')
    const { request, stage } = waiting
    if (!('preparation' in stage)) return refuse(`${request.id} is not rendered yet in ${name}`, [`slipway env ${name}`])
    const [answer, commits] = await Promise.all([plan(request, stage.preparation), listCommits(request), lookAtFreeze()])
    if (answer !== null) write(absorbPlan(read(), request, stage.preparation, answer, Date.now()))
    const problem = answer?.ok === false ? answer.reason : null
    return { ok: true, problem, ...commits }
  }

  /** Null where nothing is planned: for a way back, while a deployment runs, where the target cannot tell. */
  async function plan(request: DeployRequest, { snapshot, plan: shown }: Preparation): Promise<PlanAnswer | null> {
    const { project, name, current, running, settings } = read()
    if (settings === null || !isPlanned(settings) || request.rollback !== undefined || running !== null) return null
    const isWanted = () => read().running === null && read().waiting.some((other) => other.request.id === request.id)
    return await planBriefly({ project, environment: name, snapshot, previous: current?.snapshot ?? null, seen: wholeOf(shown) }, isWanted)
  }

  async function listCommits({ candidate }: DeployRequest): Promise<Pick<Review, 'commits' | 'total' | 'commitsProblem'>> {
    const { project, current, name } = read()
    if (current === null) return { commits: [], total: 0, commitsProblem: null }
    const git = proxyActivities<GitActivities>(GIT_WHILE_SOMEBODY_WAITS)
    const [from, to] = [current.snapshot.candidate.revision, candidate.revision]
    return await git.listCommits.executeWithOptions({ summary: `commits since what runs on ${name}` }, [{ project, from, to }]).then(
      ({ commits, total }) => ({ commits, total, commitsProblem: null }),
      (error: unknown) => ({ commits: [], total: 0, commitsProblem: reasonOf(error) }),
    )
  }

  async function lookAtFreeze(): Promise<void> {
    if (read().settings?.freeze === undefined) return
    // Who cannot be asked now is asked when it would start.
    const answer = await readFreeze(read()).catch(() => null)
    if (answer !== null) write(absorbFreeze(read(), answer, Date.now()))
  }
}
