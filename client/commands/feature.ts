import type { SprintCommand } from '../../domain/sprint/commands.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'
import { tellSprint } from '../tell-sprint.ts'

type Input = { readonly action: 'add' | 'remove' | 'merged'; readonly branch: string; readonly by?: string; readonly sprint?: string }

export async function feature(context: Context, input: Input): Promise<ExitCode> {
  return await tellSprint(context, { version: input.sprint, phases: ['integrating'], command: commandOf(input) })
}

function commandOf({ action, branch, by }: Input): SprintCommand {
  switch (action) {
    case 'add':
      return { kind: 'addFeature', branch }
    case 'remove':
      return { kind: 'removeFeature', branch }
    case 'merged':
      return { kind: 'settleFeature', branch, revision: by ?? null }
    default:
      return action satisfies never
  }
}
