import { requestHash } from '../../config/made-of.ts'
import type { DeployActivities, GitActivities, Prepared, PrepareInput } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import { environmentSettings } from '../estate.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { readProjectFile } from '../image/project-file.ts'
import type { DeployDeps } from './activities.ts'
import { peopleOf } from './people.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** Renders what would be deployed, stores it, and hashes what an approval covers. Changes nothing on the target. */
export function createPrepare(deps: DeployDeps, git: Pick<GitActivities, 'compareRevisions'>): DeployActivities['prepare'] {
  return (input) => {
    const attempt = deps.attempt()
    return withHeartbeat(attempt, `rendering ${input.tag} for ${input.environment}`, () => prepare(input, attempt))
  }

  async function prepare(input: PrepareInput, attempt: AttemptContext): Promise<Prepared> {
    const { project, environment, candidate, tag, replaces } = input
    const { revision } = candidate
    const settings = environmentSettings(deps.estate, project, environment)
    const mirror = deps.mirrors(project)
    await mirror.ensure(revision, attempt.signal)
    const file = await readProjectFile({ estate: deps.estate, mirror, project }, revision, attempt.signal)
    const [{ snapshot }, relation, people] = await Promise.all([
      takeSnapshot(deps, { project, environment, candidate, tag, file, fileAt: revision, renderAt: revision }, attempt),
      replaces === null ? null : git.compareRevisions({ project, a: revision, b: replaces.revision }),
      peopleOf(deps, input, settings, attempt.signal),
    ])
    return {
      snapshot,
      requestHash: requestHash({ request: input.requestId, snapshotHash: snapshot.hash, replacesEpoch: replaces?.epoch ?? null }),
      relation: relation?.relation ?? null,
      lacks: relation?.lacks ?? 0,
      ...people,
      settings,
    }
  }
}
