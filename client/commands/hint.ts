import type { Context } from '../context.ts'
import { explain } from '../explain.ts'
import { printLines } from '../io.ts'

/** For hooks: what cannot be said now is seen at the next sweep, so a push never fails for it. */
export async function hint(context: Context, input: { readonly project: string | undefined }): Promise<void> {
  try {
    const slipway = await context.open(input.project)
    await slipway.hint()
  } catch (error) {
    printLines(context.io.err, [`slipway: ${explain(error).message}; the timer will look`])
  }
}
