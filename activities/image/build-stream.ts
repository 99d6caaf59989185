import { transient } from '../failure.ts'
import type { BuildLog } from './build-log.ts'
import { engineMessages, errorOf } from './engine-stream.ts'

/** How a build ended: with an image, or with the engine's words about a step that failed. */
export type BuildOutcome =
  | { readonly kind: 'built'; readonly imageId: string }
  | { readonly kind: 'failed'; readonly step: string | null; readonly error: string; readonly code: number | null }

/**
 * Reads the engine's answer to a build to its end. It is a success only when it names the image and nothing failed.
 *
 * @throws transient when it ends before that
 */
export async function readBuild(stream: AsyncIterable<Buffer>, log: BuildLog): Promise<BuildOutcome> {
  let step: string | null = null
  let imageId: string | null = null
  for await (const message of engineMessages(stream)) {
    const error = errorOf(message)
    if (error !== null) {
      log.write(`${error}\n`)
      return { kind: 'failed', step, error, code: message.errorDetail?.code ?? null }
    }
    if (message.stream !== undefined) {
      log.write(message.stream)
      step = /^Step (\d+\/\d+ : .*)/.exec(message.stream)?.[1]?.trim() ?? step
      const named = /^Successfully built ([0-9a-f]{12,64})\s*$/.exec(message.stream)?.[1]
      if (named !== undefined) imageId ??= named
    } else if (message.status !== undefined && message.progress === undefined) {
      log.write(`${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`)
    }
    // The whole id comes as aux; the last one is the image's.
    if (message.aux?.ID !== undefined && /^sha256:[0-9a-f]{64}$/.test(message.aux.ID)) imageId = message.aux.ID
  }
  if (imageId === null) throw transient('the Docker engine ended the build before it named an image. Was it stopped?')
  return { kind: 'built', imageId }
}
