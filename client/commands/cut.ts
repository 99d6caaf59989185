import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'
import { tellSprint } from '../tell-sprint.ts'

export async function cut(
  context: Context,
  input: { readonly version: string | undefined; readonly without: readonly string[] },
): Promise<ExitCode> {
  return await tellSprint(context, { version: input.version, phases: ['integrating'], command: { kind: 'cut', without: input.without } })
}
