import { matchImages } from '../../config/match.ts'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig, type ConfigSource } from '../../config/read.ts'
import type { ServiceConfig, SlipwayFile } from '../../config/slipway-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import type { Estate } from '../context.ts'
import { permanent } from '../failure.ts'
import type { Mirror } from '../git/mirror.ts'
import { STORE_REPOSITORY } from '../store/registry.ts'

export type ProjectFile = { readonly value: SlipwayFile; readonly hash: string }

export const PROJECT_FILE = 'slipway.yaml'
const MOST_BYTES = 1024 * 1024

/**
 * slipway.yaml at a revision, for whoever builds or deploys what it says.
 *
 * @throws permanent `InvalidConfiguration` when it is not there, does not parse, is another project's or names images that are
 * not the project's to write
 */
export async function readProjectFile(
  { estate, mirror, project }: { readonly estate: Estate; readonly mirror: Mirror; readonly project: string },
  revision: Revision,
  signal: AbortSignal,
): Promise<ProjectFile> {
  const { file, source } = await read(mirror, project, revision, signal)
  const problems = matchImages(file.value, estate.file.projects, project, source)
  if (problems.length > 0) throw permanent('InvalidConfiguration', formatProblems(problems))
  return file
}

/** The same for whoever only tells what was: the estate may give its images to another project by now. */
export async function projectFileAt(mirror: Mirror, project: string, revision: Revision, signal: AbortSignal): Promise<ProjectFile> {
  return (await read(mirror, project, revision, signal)).file
}

async function read(
  mirror: Mirror,
  project: string,
  revision: Revision,
  signal: AbortSignal,
): Promise<{ readonly file: ProjectFile; readonly source: ConfigSource }> {
  const where = `${PROJECT_FILE} at ${shortSha(revision)}`
  const bytes = await mirror.readFile(revision, PROJECT_FILE, signal, MOST_BYTES)
  if (bytes === null) {
    throw permanent(
      'InvalidConfiguration',
      `${where}: expected the file at the top of the repository of ${quoted(project)}, and it is not there. "slipway init" writes one.`,
    )
  }
  const source = { text: bytes.toString('utf8'), file: where }
  const parsed = parseConfig('slipway', source)
  if (!parsed.ok) throw permanent('InvalidConfiguration', formatProblems(parsed.problems))
  const { value, hash } = parsed
  if (value.project !== project) {
    throw permanent(
      'InvalidConfiguration',
      `${where}: expected the project ${quoted(project)}, as estate.yaml calls this repository, found ${quoted(value.project)}.`,
    )
  }
  const taken = Object.entries(value.services).find(([, service]) => service.image === STORE_REPOSITORY)
  if (taken) {
    throw permanent(
      'InvalidConfiguration',
      `${where}: the service ${quoted(taken[0])} names the image repository ${STORE_REPOSITORY}, where Slipway keeps its logs. Choose another.`,
    )
  }
  return { file: { value, hash }, source }
}

/** @throws permanent `InvalidConfiguration` when slipway.yaml has no such service */
export function serviceOf(file: ProjectFile, name: string, revision: Revision): ServiceConfig {
  const service = Object.hasOwn(file.value.services, name) ? file.value.services[name] : undefined
  if (service) return service
  const names = Object.keys(file.value.services).join(', ')
  throw permanent('InvalidConfiguration', `${PROJECT_FILE} at ${shortSha(revision)} has no service ${quoted(name)}; it has ${names}.`)
}
