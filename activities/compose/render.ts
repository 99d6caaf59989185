import { composeProject } from '../../config/compose-project.ts'
import { permanent } from '../failure.ts'
import { shortSha } from '../../domain/revision.ts'
import type { AttemptContext } from '../context.ts'
import type { RenderInput } from '../deploy/target.ts'
import { parseComposeFile, type ComposeFile } from './compose-file.ts'
import { encodeContent, type ComposeContent } from './content.ts'
import { refuseHostAccess } from './host-access.ts'
import { matchImages } from './match-images.ts'
import { refuseOtherProject } from './own-project.ts'
import type { ComposeTargetEstate } from './target.ts'
import { digestVariables } from '../ssh/digest-variables.ts'

/** A variable of the environment holds at most 128 KB, and the compose file travels as one. */
const FILE_LIMIT = 100_000

/** What `compose` will be told, without asking the host and without any secret. */
export async function renderCompose(estate: ComposeTargetEstate, input: RenderInput, { signal }: AttemptContext): Promise<Buffer> {
  const { plain, secrets } = divide(estate)
  const variables = {
    // A team may have a registry mirror on the host; tag and digests are never the estate's to say.
    REGISTRY: input.registry,
    DOCKER_REGISTRY_HOST: input.registry,
    ...plain,
    TAG: input.tag,
    ...digestVariables(input.candidate),
  }
  const images = Object.fromEntries(
    input.candidate.images.map(({ service, repository, digest }) => [service, { repository, tag: input.tag, digest }]),
  )
  const named = [...(input.parts.compose?.services ?? [])]
  const project = composeProject(estate)
  const base = { version: 1 as const, registry: input.registry, project, services: named, images, variables, secrets }
  if (estate.file === 'placed') {
    return encodeContent({
      ...base,
      file: null,
      overrides: {},
      expected: named.length > 0 ? named : null,
      known: [],
      format: null,
    })
  }
  const path = input.parts.compose?.file ?? 'docker-compose.yml'
  const where = `${path} at ${shortSha(input.candidate.revision)}`
  const text = await readComposeFile(input, path, where, signal)
  const file = unwrapOrRefuse(parseComposeFile(text, where))
  refuseOtherProject({ file, where, estate, variables })
  refuseHostAccess({ text, where, estate, variables })
  const overrides = unwrapOrRefuse(matchImages({ ...input, services: file.services, variables, where }))
  const content: ComposeContent = {
    ...base,
    file: text,
    overrides: { ...overrides },
    expected: expectedServices(file, named, where),
    known: file.services.map((each) => each.name),
    format: file.version,
  }
  return encodeContent(content)
}

async function readComposeFile(input: RenderInput, path: string, where: string, signal: AbortSignal): Promise<string> {
  const bytes = await input.mirror.readFile(input.candidate.revision, path, signal, FILE_LIMIT)
  if (bytes === null) {
    throw permanent(
      'InvalidConfiguration',
      `expected the compose file ${where}, found no such file; add it, name another one in slipway.yaml (environments.${input.environment}.compose.file), or set "file: placed" in the estate`,
    )
  }
  const text = bytes.toString('utf8')
  if (text.includes('\0')) throw permanent('InvalidConfiguration', `expected in ${where} text, found NUL characters`)
  return text
}

function expectedServices(file: ComposeFile, named: readonly string[], where: string): string[] {
  const unknown = named.find((name) => !file.services.some((each) => each.name === name))
  if (unknown !== undefined) {
    throw permanent(
      'InvalidConfiguration',
      `expected in ${where} the service ${unknown}, which slipway.yaml names, found ${file.services.map((each) => each.name).join(', ')}`,
    )
  }
  if (named.length > 0) return [...named]
  return file.services.filter((each) => each.started).map((each) => each.name)
}

function divide(estate: ComposeTargetEstate): { plain: Record<string, string>; secrets: string[] } {
  const plain: Record<string, string> = {}
  const secrets: string[] = []
  for (const [name, value] of Object.entries(estate.environment)) {
    if (typeof value === 'string') plain[name] = value
    else secrets.push(name)
  }
  return { plain, secrets: secrets.toSorted() }
}

function unwrapOrRefuse<T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T {
  if (!parsed.ok) throw permanent('InvalidConfiguration', parsed.problem)
  return parsed.value
}
