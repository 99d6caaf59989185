import type { HookConfig } from '../../config/hooks-schema.ts'
import type { RenderInput } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { digestVariables } from './digest-variables.ts'
import { encodeHook } from './hook-content.ts'

/** A command on the host, and what is exported to it. */
export function renderCommand(hook: HookConfig, { tag, candidate, environment }: RenderInput): Buffer {
  // config/match.ts has held the file against the estate; this is for a snapshot that was made otherwise.
  if (!('command' in hook)) throw unfitting(hook.name, environment, '{ name, command }')
  return encodeHook({ version: 1, kind: 'command', argv: hook.command, variables: { TAG: tag, ...digestVariables(candidate) } })
}

export function unfitting(name: string, environment: string, expected: string): Error {
  return permanent(
    'InvalidConfiguration',
    `The hook ${name} of ${environment} is of a kind that the environment's target cannot run; write it as ${expected} in slipway.yaml.`,
  )
}
