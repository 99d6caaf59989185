import { shortSha, type Revision } from '../../domain/revision.ts'
import type { EnvironmentParts } from '../../config/slipway-schema.ts'
import type { TargetEstate } from '../../config/estate-schema.ts'
import type { Estate } from '../context.ts'
import { projectFileAt, PROJECT_FILE, type ProjectFile } from '../image/project-file.ts'
import type { Mirror } from '../git/mirror.ts'

/** Something of the repository that an old revision may not have yet: where it is read instead, and a line that says so. */
type Where = { readonly at: Revision; readonly lines: readonly string[] }

type Places = {
  readonly estate: Estate
  readonly mirror: Mirror
  readonly project: string
  readonly revision: Revision
  /** develop's tip, null when the remote has none. */
  readonly develop: Revision | null
  readonly signal: AbortSignal
}

/** slipway.yaml at the revision; for one that did not know Slipway, as develop has it now. */
export async function findProjectFile(places: Places): Promise<{ readonly file: ProjectFile } & Where> {
  const where = await whereIs(PROJECT_FILE, places)
  return { file: await projectFileAt(places.mirror, places.project, where.at, places.signal), ...where }
}

/** Where the overlay or the compose file is to be read. What lies on the host is not the repository's. */
export async function findSource(target: TargetEstate, parts: EnvironmentParts, places: Places): Promise<Where> {
  const path = sourceOf(target, parts)
  return path === null ? { at: places.revision, lines: [] } : await whereIs(path, places)
}

function sourceOf(target: TargetEstate, parts: EnvironmentParts): string | null {
  if ('compose' in target) return target.compose.file === 'placed' ? null : (parts.compose?.file ?? 'docker-compose.yml')
  return 'kustomize' in target ? (parts.kustomize?.overlay ?? null) : null
}

async function whereIs(path: string, { mirror, revision, develop, signal }: Places): Promise<Where> {
  const here = { at: revision, lines: [] }
  if (develop === null || (await mirror.objectId(revision, path, signal)) !== null) return here
  // Where neither has it, what reads it says so for the revision that runs.
  if ((await mirror.objectId(develop, path, signal)) === null) return here
  return { at: develop, lines: [`${path} is not there at ${shortSha(revision)} and was read at ${shortSha(develop)}, develop's tip`] }
}
