import type { HookConfig } from '../../config/hooks-schema.ts'
import { shortSha } from '../../domain/revision.ts'
import type { AttemptContext } from '../context.ts'
import type { RenderInput } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { unfitting } from '../ssh/render-command.ts'
import { makeJob } from './hook-job.ts'

const LIMIT_BYTES = 256 * 1024

/** The Job's manifest at the candidate's revision, as it will be sent, but for its name and its fence. */
export async function renderJobHook(hook: HookConfig, namespace: string, input: RenderInput, { signal }: AttemptContext): Promise<Buffer> {
  const { project, environment, registry, candidate } = input
  if (!('job' in hook)) throw unfitting(hook.name, environment, '{ name, job }')
  const where = `${hook.job} at revision ${shortSha(candidate.revision)}`
  const bytes = await input.mirror.readFile(candidate.revision, hook.job, signal, LIMIT_BYTES)
  if (bytes === null) {
    throw permanent(
      'InvalidConfiguration',
      `The hook ${hook.name} of ${environment} names the manifest ${where}, and there is no such file: add it, or correct environments.${environment}.hooks in slipway.yaml.`,
    )
  }
  const job = makeJob({
    text: bytes.toString('utf8'),
    owner: { project, environment },
    namespace,
    images: candidate.images,
    registry,
    timeoutSeconds: hook.timeoutSeconds,
  })
  if (!job.ok) throw permanent('RenderFailed', `The manifest ${where}, of the hook ${hook.name}, ${job.problem}.`)
  return Buffer.from(job.value)
}
