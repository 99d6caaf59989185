import { condition, proxyActivities } from '@temporalio/workflow'
import type { FreezeActivities } from '../activities/contract.ts'
import { absorbFreeze, absorbNoFreeze, askFreezeAt, waitsForFreeze, type FreezeAnswer } from '../domain/environment/freeze.ts'
import type { EnvironmentState } from '../domain/environment/state.ts'
import { reasonOf } from './persist.ts'
import { FREEZE } from './policies.ts'
import { deployQueue } from './queues.ts'

export type Watched = {
  readonly read: () => EnvironmentState
  readonly write: (state: EnvironmentState) => void
}

/** Asks a worker whether the environment is frozen now. */
export function readFreeze({ project, name }: Pick<EnvironmentState, 'project' | 'name'>): Promise<FreezeAnswer> {
  const activities = proxyActivities<FreezeActivities>({ ...FREEZE, taskQueue: deployQueue(name) })
  return activities.readFreeze.executeWithOptions({ summary: `is ${name} frozen?` }, [{ project, environment: name }])
}

/**
 * What waits for the end of a freeze goes on by itself: a worker is asked again when the freeze should end, and at least
 * hourly, for the estate may say something else by then.
 */
export function watchFreeze({ read, write }: Watched): { readonly isAsking: () => boolean } {
  let asking = false
  void watch()
  return { isAsking: () => asking }

  async function watch(): Promise<never> {
    for (;;) {
      await condition(() => waitsForFreeze(read()))
      const at = askFreezeAt(read())
      const pauseMs = at - Date.now()
      const isOther = () => !waitsForFreeze(read()) || askFreezeAt(read()) !== at
      if (pauseMs > 0 && (await condition(isOther, pauseMs))) continue
      await ask()
    }
  }

  async function ask(): Promise<void> {
    asking = true
    try {
      const answer = await readFreeze(read())
      write(absorbFreeze(read(), answer, Date.now()))
    } catch (error) {
      write(absorbNoFreeze(read(), reasonOf(error), Date.now()))
    } finally {
      asking = false
    }
  }
}
