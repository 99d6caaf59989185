import { matchProject } from '../../config/match.ts'
import { formatProblems } from '../../config/problem.ts'
import { hashOf } from '../../config/hash.ts'
import { shortSha } from '../../domain/revision.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { DeployActivities, GitActivities, Prepared, PrepareInput } from '../contract.ts'
import { environmentEstate, environmentHash, environmentSettings, projectEstate } from '../estate.ts'
import { permanent } from '../failure.ts'
import { readProjectFile } from '../image/project-file.ts'
import type { DeployDeps } from './activities.ts'

/** Renders what would be deployed, stores it, and hashes what an approval covers. Changes nothing on the target. */
export function createPrepare(deps: DeployDeps, git: Pick<GitActivities, 'compareRevisions'>): DeployActivities['prepare'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { project, environment, candidate, tag, replaces } = input
    const estate = environmentEstate(deps.estate, project, environment)
    const settings = environmentSettings(environment, estate)
    const mirror = deps.mirrors(project)
    await mirror.ensure(candidate.revision, attempt.signal)
    const file = await readProjectFile(mirror, project, candidate.revision, attempt.signal)
    const problems = matchProject(file.value, projectEstate(deps.estate, project), project, {
      file: `slipway.yaml at ${shortSha(candidate.revision)}`,
      text: '',
    }).filter(({ path }) => path === `environments.${environment}` || path.startsWith(`environments.${environment}.`))
    if (problems.length > 0) throw permanent('InvalidConfiguration', formatProblems(problems))

    const registry = deps.estate.file.registry.address
    const parts = file.value.environments[environment] ?? {}
    const [content, relation] = await Promise.all([
      deps.target(project, environment).render({ project, environment, candidate, tag, registry, parts, mirror }, attempt),
      replaces === null ? null : git.compareRevisions({ project, a: candidate.revision, b: replaces.revision }),
    ])
    const stored = await deps.store.put(content, 'application/octet-stream', attempt.signal)
    const made: Omit<Snapshot, 'hash'> = {
      candidate,
      tag,
      target: settings.target,
      content: stored.digest,
      configHash: file.hash,
      estateHash: environmentHash(deps.estate, estate),
    }
    const snapshot = { hash: hashOf({ ...made, candidate: whatRuns(input) }), ...made }
    return {
      snapshot,
      requestHash: requestHash(input, snapshot),
      relation: relation?.relation ?? null,
      settings,
    } satisfies Prepared
  }
}

/** Whether an image was built for this revision or reused changes nothing about what runs. */
function whatRuns({ candidate }: PrepareInput) {
  return {
    revision: candidate.revision,
    images: candidate.images.map(({ service, repository, digest }) => ({ service, repository, digest })),
  }
}

/** What an approval approves: this request, this snapshot, and what it replaces. */
function requestHash(input: PrepareInput, snapshot: Snapshot): string {
  return hashOf({ request: input.requestId, snapshot: snapshot.hash, replacesEpoch: input.replaces?.epoch ?? null })
}
