import type { DeployActivities, FreezeActivities, GitActivities, HookActivities, InspectActivities, PlanActivities } from '../contract.ts'
import type { ActivityDeps } from '../context.ts'
import type { GitMirror } from '../git/open-mirror.ts'
import type { Registry } from '../registry/client.ts'
import type { Store } from '../store/store.ts'
import { createApply, createVerify } from './act.ts'
import { createReadFreeze } from './freeze.ts'
import { createInspect } from './inspect.ts'
import { createPlanBriefly } from './plan-briefly.ts'
import { createPlan } from './plan.ts'
import { createPrepare } from './prepare.ts'
import { createRunHook } from './run-hook.ts'
import { createSurvey } from './survey.ts'
import type { Target } from './target.ts'
import { tellingRefusal, type TellRefusal } from './tell-refusal.ts'

export type DeployDeps = ActivityDeps & {
  readonly mirrors: (project: string) => GitMirror
  readonly registry: Registry
  readonly store: Store
  readonly readFile: (path: string) => Promise<string>
  /** @throws permanent `InvalidConfiguration` when estate.yaml has no such environment */
  readonly target: (project: string, environment: string) => Target
}

/** The activities of the queue of an environment: whoever serves it holds the environment's credentials. */
export function createDeployActivities(
  deps: DeployDeps & { readonly tellRefusal: TellRefusal },
  git: Pick<GitActivities, 'compareRevisions'>,
): DeployActivities & HookActivities & PlanActivities & FreezeActivities & InspectActivities {
  return {
    prepare: createPrepare(deps, git),
    plan: createPlan(deps),
    planBriefly: createPlanBriefly(deps),
    apply: tellingRefusal(createApply(deps), deps.tellRefusal),
    verify: createVerify(deps),
    readFreeze: createReadFreeze(deps),
    survey: createSurvey(deps),
    runHook: tellingRefusal(createRunHook(deps), deps.tellRefusal),
    inspect: createInspect(deps),
  }
}
