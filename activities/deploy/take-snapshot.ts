import { hashOf } from '../../config/hash.ts'
import { matchProject } from '../../config/match.ts'
import { formatProblems } from '../../config/problem.ts'
import type { Candidate } from '../../domain/candidate.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { AttemptContext } from '../context.ts'
import { environmentEstate, environmentHash, environmentSettings, projectEstate } from '../estate.ts'
import { permanent } from '../failure.ts'
import type { ProjectFile } from '../image/project-file.ts'
import type { DeployDeps } from './activities.ts'

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
  const content = await deps.target(project, environment).render(
    {
      project,
      environment,
      candidate: { ...candidate, revision: input.renderAt },
      tag,
      registry: deps.estate.file.registry.address,
      parts: file.value.environments[environment] ?? {},
      mirror: deps.mirrors(project),
    },
    attempt,
  )
  const stored = await deps.store.put(content, 'application/octet-stream', attempt.signal)
  const made: Omit<Snapshot, 'hash'> = {
    candidate,
    tag,
    target: environmentSettings(environment, estate).target,
    content: stored.digest,
    configHash: file.hash,
    estateHash: environmentHash(deps.estate, estate),
  }
  return { snapshot: { hash: hashOf({ ...made, candidate: whatRuns(candidate) }), ...made }, content }
}

/** @throws permanent `InvalidConfiguration` when slipway.yaml and the estate do not fit for this environment */
function expectMatch({ estate }: DeployDeps, { project, environment, file, fileAt }: SnapshotInput): void {
  const problems = matchProject(file.value, projectEstate(estate, project), project, {
    file: `slipway.yaml at ${shortSha(fileAt)}`,
    text: '',
  }).filter(({ path }) => path === `environments.${environment}` || path.startsWith(`environments.${environment}.`))
  if (problems.length > 0) throw permanent('InvalidConfiguration', formatProblems(problems))
}

/** Whether an image was built for this revision or reused changes nothing about what runs. */
function whatRuns({ revision, images }: Candidate) {
  return { revision, images: images.map(({ service, repository, digest }) => ({ service, repository, digest })) }
}
