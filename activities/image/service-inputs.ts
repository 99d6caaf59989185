import { posix } from 'node:path'
import type { ServiceConfig } from '../../config/slipway-schema.ts'
import type { Digest } from '../../domain/digest.ts'
import { quoted } from '../../domain/parsed.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import { permanent } from '../failure.ts'
import type { Mirror } from '../git/mirror.ts'
import type { BaseResolver } from './base-images.ts'
import { baseImages, type BaseImage } from './dockerfile.ts'
import { hashInputs } from './inputs.ts'

export type ServiceInputs = {
  /** 64 hexadecimal digits. */
  readonly inputs: string
  readonly bases: ReadonlyMap<BaseImage, Digest | null>
  readonly args: Readonly<Record<string, string>>
}

type Input = {
  readonly service: string
  readonly config: ServiceConfig
  /** The estate's arguments, which win. */
  readonly estateArgs: Readonly<Record<string, string>>
  readonly revision: Revision
  readonly mirror: Mirror
  readonly resolveBase: BaseResolver
  readonly signal: AbortSignal
}

const MOST_DOCKERFILE_BYTES = 1024 * 1024

/**
 * What a service's image is made of at a revision.
 *
 * @throws permanent `InvalidConfiguration` for a path of slipway.yaml that the revision does not have
 */
export async function readServiceInputs(input: Input): Promise<ServiceInputs> {
  const { config, mirror, revision, signal } = input
  const context = cleanPath(config.context)
  const dockerfile = cleanPath(posix.join(context, config.dockerfile))
  const args = { ...config.args, ...input.estateArgs }
  const find = async (path: string) => await mirror.objectId(revision, path, signal)
  const [tree, blob, text, prebuild] = await Promise.all([
    find(context),
    find(dockerfile),
    mirror.readFile(revision, dockerfile, signal, MOST_DOCKERFILE_BYTES),
    prebuildParts(config, find),
  ])
  // Found at once, and missed in an order: a context that is not there has no Dockerfile either.
  const contextTree = tree ?? missing(input, 'the context', context)
  const dockerfileBlob = blob ?? missing(input, 'the Dockerfile', dockerfile)
  for (const [path, id] of prebuild?.inputs ?? []) if (id === null) missing(input, 'the pre-build input', path)
  const target = config.target ?? null
  const names =
    baseImages(text?.toString('utf8') ?? '', args, target) ??
    fail(input, `the Dockerfile ${quoted(dockerfile)}, which has no FROM line (a symbolic link is not followed)`)
  const bases = new Map(await Promise.all(names.map(async (name) => [name, await input.resolveBase(name, signal)] as const)))
  const inputs = hashInputs({
    contextTree,
    dockerfile: { path: dockerfile, blob: dockerfileBlob },
    target,
    args,
    bases: Object.fromEntries([...bases].map(([name, digest]) => [name, digest ?? `unresolved:${name}`])),
    prebuild: prebuild && { run: prebuild.run, inputs: Object.fromEntries(prebuild.inputs) },
  })
  return { inputs, bases, args }
}

async function prebuildParts({ prebuild }: ServiceConfig, find: (path: string) => Promise<string | null>) {
  if (!prebuild) return null
  const paths = [...new Set((prebuild.inputs ?? ['.']).map(cleanPath))]
  return { run: prebuild.run, inputs: await Promise.all(paths.map(async (path) => [path, await find(path)] as const)) }
}

/** `./website/` → `website`: one path, one name. */
function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '')
}

function fail(input: Input, what: string): never {
  throw permanent(
    'InvalidConfiguration',
    `slipway.yaml at ${shortSha(input.revision)}: the service ${quoted(input.service)} names ${what} at that revision. Mend the path, or commit the file.`,
  )
}

function missing(input: Input, what: string, path: string): never {
  return fail(input, `${what} ${quoted(path)}, which is not in the repository`)
}
