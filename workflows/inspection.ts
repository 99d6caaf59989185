import { proxyActivities } from '@temporalio/workflow'
import type { InspectActivities } from '../activities/contract.ts'
import { absorbDrift, absorbNoDrift, mendCommand } from '../domain/environment/drift.ts'
import { judgeInspect, stillStands } from '../domain/environment/judge-inspect.ts'
import type { EnvironmentState } from '../domain/environment/state.ts'
import { refuse, type Answer } from '../domain/wait.ts'
import type { DriftAnswer } from './messages.ts'
import { reasonOf } from './persist.ts'
import { INSPECT } from './policies.ts'
import { deployQueue } from './queues.ts'

export type Inspected = {
  readonly read: () => EnvironmentState
  readonly write: (state: EnvironmentState) => void
}

/** Looks at the target of an environment, once at a time: who asks meanwhile gets the answer of the look that is under way. */
export function openInspection({ read, write }: Inspected): () => Promise<Answer<DriftAnswer>> {
  let looking: Promise<Answer<DriftAnswer>> | null = null
  return () => {
    looking ??= look().finally(() => (looking = null))
    return looking
  }

  async function look(): Promise<Answer<DriftAnswer>> {
    const before = read()
    const judged = judgeInspect(before)
    if (!judged.ok) return judged
    const { project, name, epoch } = before
    const { snapshot, tag, epoch: verified } = judged.current
    const activities = proxyActivities<InspectActivities>({ ...INSPECT, taskQueue: deployQueue(name) })
    const seen = await activities.inspect
      .executeWithOptions({ summary: `is ${name} still what was applied?` }, [{ project, environment: name, snapshot, epoch }])
      .catch((error: unknown) => reasonOf(error))
    if (!stillStands(read(), before)) {
      return refuse(`a deployment to ${name} began while it was looked at: look again when that has ended`, [`slipway env ${name}`])
    }
    if (typeof seen === 'string') {
      write(absorbNoDrift(read(), seen, Date.now()))
      return refuse(`${name} cannot be looked at: ${seen}`, ['slipway doctor'], 'failed')
    }
    write(absorbDrift(read(), seen, Date.now()))
    const count = seen.drift.length + seen.left
    const text = count === 0 ? `${name} is what was applied as epoch ${verified}` : `${name} is not what was applied as epoch ${verified}`
    const next = count === 0 ? [] : [mendCommand(read()), `slipway env ${name}`]
    return { ok: true, text, tag, epoch: verified, at: Date.now(), findings: seen.drift, left: seen.left, next }
  }
}
