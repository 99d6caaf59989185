import { ApplicationFailure } from '@temporalio/common'
import type { Fence } from '../contract.ts'

/** Says to an environment that its target refused an attempt. */
export type TellRefusal = (refusal: {
  readonly project: string
  readonly environment: string
  readonly epoch: number
  readonly attempt: number
  readonly reason: string
}) => Promise<void>

type Fenced = { readonly project: string; readonly environment: string; readonly fence: Fence }

/**
 * An activity that acts under the fence, and has it on record when it is refused. Temporal takes no answer of an attempt that
 * it has given up, and those are what the fence is there against.
 */
export function tellingRefusal<Input extends Fenced, Result>(
  act: (input: Input) => Promise<Result>,
  tell: TellRefusal,
): (input: Input) => Promise<Result> {
  return async (input) => {
    try {
      return await act(input)
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === 'Fenced') {
        const { project, environment, fence } = input
        // Only the record is lost where it cannot be said.
        await tell({ project, environment, epoch: fence.epoch, attempt: fence.attempt, reason: error.message }).catch(() => {})
      }
      throw error
    }
  }
}
