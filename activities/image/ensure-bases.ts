import type Docker from 'dockerode'
import type { Digest } from '../../domain/digest.ts'
import { permanent } from '../failure.ts'
import type { Registry } from '../registry/client.ts'
import { localDigests, parseBaseName } from './base-images.ts'
import type { BaseImage } from './dockerfile.ts'
import { engineFailure, wordsFailure } from './engine-failure.ts'
import { engineLogin } from './engine-login.ts'
import { engineMessages, errorOf } from './engine-stream.ts'

type Input = {
  readonly engine: Docker
  readonly engineName: string
  readonly registry: Registry
  readonly bases: ReadonlyMap<BaseImage, Digest | null>
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

/**
 * Makes the engine's own idea of each base image the one that the inputs were counted with: left alone, it would go on
 * with what a tag meant when it was pulled last. A base that nobody could resolve is left to the engine.
 */
export async function ensureBases(input: Input): Promise<void> {
  await Promise.all(
    [...input.bases].map(async ([name, digest]) => {
      if (digest !== null) await ensureBase(name, digest, input)
    }),
  )
}

async function ensureBase(name: BaseImage, digest: Digest, input: Input): Promise<void> {
  const base = parseBaseName(name)
  if (!base || (await localDigests(input.engine, name)).some((each) => each.digest === digest)) return
  const doing = `pull ${name}`
  const repository = name.split('@', 1)[0]?.replace(/:[^/:]*$/, '') ?? name
  try {
    const authconfig = engineLogin(await input.registry.login(base.registry, input.signal), base.registry)
    const stream = await input.engine.createImage(authconfig, { fromImage: repository, tag: digest, abortSignal: input.signal })
    for await (const message of engineMessages(stream as AsyncIterable<Buffer>)) {
      const error = errorOf(message)
      if (error !== null)
        throw wordsFailure(error, doing, base.registry) ?? permanent('BuildFailed', `the base image ${name} could not be pulled: ${error}`)
      if (message.status !== undefined) input.onLine(`${doing}: ${message.status}`)
    }
    if (base.digest === null)
      await input.engine.getImage(`${repository}@${digest}`).tag({ repo: repository, tag: base.tag, abortSignal: input.signal })
  } catch (error) {
    throw engineFailure(error, { doing, engineName: input.engineName, registry: base.registry, signal: input.signal })
  }
}
