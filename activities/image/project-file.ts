import { formatProblems } from '../../config/problem.ts'
import { parseConfig } from '../../config/read.ts'
import type { ServiceConfig, SlipwayFile } from '../../config/slipway-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import { permanent } from '../failure.ts'
import type { Mirror } from '../git/mirror.ts'
import { STORE_REPOSITORY } from '../store/registry.ts'

export type ProjectFile = { readonly value: SlipwayFile; readonly hash: string }

export const PROJECT_FILE = 'slipway.yaml'
const MOST_BYTES = 1024 * 1024

/**
 * slipway.yaml at a revision.
 *
 * @throws permanent `InvalidConfiguration` when it is not there, does not parse or is another project's
 */
export async function readProjectFile(mirror: Mirror, project: string, revision: Revision, signal: AbortSignal): Promise<ProjectFile> {
  const where = `${PROJECT_FILE} at ${shortSha(revision)}`
  const bytes = await mirror.readFile(revision, PROJECT_FILE, signal, MOST_BYTES)
  if (bytes === null) {
    throw permanent(
      'InvalidConfiguration',
      `${where}: expected the file at the top of the repository of ${quoted(project)}, and it is not there. "slipway init" writes one.`,
    )
  }
  const parsed = parseConfig('slipway', { text: bytes.toString('utf8'), file: where })
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
  return { value, hash }
}

/** @throws permanent `InvalidConfiguration` when slipway.yaml has no such service */
export function serviceOf(file: ProjectFile, name: string, revision: Revision): ServiceConfig {
  const service = Object.hasOwn(file.value.services, name) ? file.value.services[name] : undefined
  if (service) return service
  const names = Object.keys(file.value.services).join(', ')
  throw permanent('InvalidConfiguration', `${PROJECT_FILE} at ${shortSha(revision)} has no service ${quoted(name)}; it has ${names}.`)
}
