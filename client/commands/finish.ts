import type { Context } from '../context.ts'
import { usage, type ExitCode } from '../exit.ts'
import { tellSprint } from '../tell-sprint.ts'

type Input = { readonly version: string | undefined; readonly mergedAs?: string; readonly target?: string }

/** Merges the release back; or, while that waits for a person, says by which commit it came to a branch. */
export async function finish(context: Context, { version, mergedAs, target }: Input): Promise<ExitCode> {
  if (target !== undefined && mergedAs === undefined) {
    throw usage('--target says where the commit of --merged-as is; without that there is none', [
      `slipway finish --merged-as SHA --target ${target}`,
    ])
  }
  const command = { kind: 'finish', mergedAs: mergedAs ?? null, target: target ?? null } as const
  return await tellSprint(context, { version, phases: ['live', 'mergingBack', 'hotfixing'], command })
}
