import type { AttemptContext } from '../context.ts'
import type { PlanActivities, PlanInput, PlannedChange, StoredContent } from '../contract.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { limited, sorted } from '../plan/limit.ts'
import type { DeployDeps } from './activities.ts'
import { contentsOf } from './contents.ts'

/** Asks the target what a snapshot would change, and keeps the whole of it in the store. */
export function createPlan(deps: DeployDeps): PlanActivities['plan'] {
  return async (input) => {
    const { changes, basis, whole } = await planWhole(deps, input, deps.attempt())
    return { ...limited(changes), whole, basis }
  }
}

type WholePlan = { readonly changes: readonly PlannedChange[]; readonly basis: string; readonly whole: StoredContent }

export async function planWhole(deps: DeployDeps, input: PlanInput, attempt: AttemptContext): Promise<WholePlan> {
  const { project, environment } = input
  const target = deps.target(project, environment)
  if (!target.plan) {
    throw permanent(
      'InvalidConfiguration',
      `A plan of ${environment} is not available for a script target: only the script knows what it does.`,
    )
  }
  const contents = await contentsOf(deps, input, attempt)
  const { changes: found, basis } = await target.plan({ ...contents, takeBack: input.takeBack === true }, attempt)
  const changes = sorted(found)
  const bytes = Buffer.from(asciiJson({ changes, basis }))
  const whole = await withHeartbeat(attempt, 'keeping the plan', (_say, signal) => deps.store.put(bytes, 'application/json', signal))
  return { changes, basis, whole }
}

/** It is read in pages of so many bytes: no character may lie across two of them. */
function asciiJson(value: unknown): string {
  const text = JSON.stringify(value, null, 1).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${text}\n`
}
