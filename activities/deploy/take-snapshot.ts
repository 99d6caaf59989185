import { snapshotHash } from '../../config/made-of.ts'
import { matchProject } from '../../config/match.ts'
import { formatProblems } from '../../config/problem.ts'
import type { Candidate } from '../../domain/candidate.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { AttemptContext } from '../context.ts'
import { environmentEstate, environmentHash, projectEstate, targetKind } from '../estate.ts'
import { permanent } from '../failure.ts'
import type { ProjectFile } from '../image/project-file.ts'
import type { DeployDeps } from './activities.ts'
import { isFound } from './found-inputs.ts'
import { renderHooks } from './render-hooks.ts'

type SnapshotInput = {
  readonly project: string
  readonly environment: string
  readonly candidate: Candidate
  readonly tag: string
  /** slipway.yaml, and the revision that it was read at. */
  readonly file: ProjectFile
  readonly fileAt: Revision
  /** Where the compose file or overlay is read. */
  readonly renderAt: Revision
}

/** Renders a candidate for an environment, stores the content, and makes the snapshot of both. */
export async function takeSnapshot(
  deps: DeployDeps,
  input: SnapshotInput,
  attempt: AttemptContext,
): Promise<{ readonly snapshot: Snapshot; readonly content: Buffer }> {
  const { project, environment, candidate, tag, file } = input
  expectMatch(deps, input)
  const estate = environmentEstate(deps.estate, project, environment)
  const parts = file.value.environments[environment] ?? {}
  const rendering = {
    project,
    environment,
    candidate: { ...candidate, revision: input.renderAt },
    tag,
    registry: deps.estate.file.registry.address,
    parts,
    mirror: deps.mirrors(project),
  }
  const content = await deps.target(project, environment).render(rendering, attempt)
  const stored = await deps.store.put(content, 'application/octet-stream', attempt.signal)
  // What was found is only ever gone back to, and nothing is run on the way back.
  const hooks = isFound(candidate) ? {} : await renderHooks(deps, rendering, content, attempt)
  const made: Omit<Snapshot, 'hash'> = {
    candidate,
    tag,
    target: targetKind(estate.target),
    content: stored.digest,
    configHash: file.hash,
    estateHash: environmentHash(deps.estate, estate),
    ...hooks,
    // A file of another revision says nothing about this one.
    ...(parts.irreversible && input.fileAt === candidate.revision ? { irreversible: parts.irreversible } : {}),
  }
  return { snapshot: { hash: snapshotHash(made), ...made }, content }
}

/** @throws permanent `InvalidConfiguration` when slipway.yaml and the estate do not fit for this environment */
function expectMatch({ estate }: DeployDeps, { project, environment, file, fileAt }: SnapshotInput): void {
  const problems = matchProject(file.value, projectEstate(estate, project), project, {
    file: `slipway.yaml at ${shortSha(fileAt)}`,
    text: '',
  }).filter(({ path }) => path === `environments.${environment}` || path.startsWith(`environments.${environment}.`))
  if (problems.length > 0) throw permanent('InvalidConfiguration', formatProblems(problems))
}
