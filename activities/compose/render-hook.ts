import type { HookConfig } from '../../config/hooks-schema.ts'
import { shortSha } from '../../domain/revision.ts'
import type { RenderInput } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { encodeHook } from '../ssh/hook-content.ts'
import { renderCommand } from '../ssh/render-command.ts'
import { decodeContent } from './content.ts'

/** `docker-compose run` of a service, or a command on the host. What compose is told comes from the deployment's own content. */
export function renderComposeHook(hook: HookConfig, input: RenderInput, content: Buffer): Buffer {
  if (!('compose' in hook)) return renderCommand(hook, input)
  const { service, command } = hook.compose
  const { file, known } = decodeContent(content)
  // A placed file is known to its host alone.
  if (file !== null && !known.includes(service)) {
    throw permanent(
      'InvalidConfiguration',
      `expected a service of the compose file at ${shortSha(input.candidate.revision)} for the hook ${hook.name} of ${input.environment}, found ${service}; it has ${known.join(', ')}`,
    )
  }
  return encodeHook({ version: 1, kind: 'compose', service, argv: command ?? null })
}
