import type { Activities } from './contract.ts'
import type { ActivityDeps } from './context.ts'
import { createAnnounceActivities } from './announce/activities.ts'
import { createDeployActivities } from './deploy/activities.ts'
import { createTargets } from './deploy/targets.ts'
import type { TellRefusal } from './deploy/tell-refusal.ts'
import { createEvidenceActivities } from './evidence/activities.ts'
import type { Records } from './evidence/records.ts'
import { createForgeActivities } from './forge/activities.ts'
import { createGitActivities } from './git/activities.ts'
import { createNotesActivities } from './git/notes-activities.ts'
import { createMirrors } from './git/mirrors.ts'
import { createHouseActivities } from './house/activities.ts'
import { createIdentityActivities } from './identity/activities.ts'
import { createImageActivities } from './image/activities.ts'
import { createRegistry } from './registry/client.ts'
import { createStore } from './store/create.ts'

export type WorkerDeps = ActivityDeps & {
  readonly readFile: (path: string) => Promise<string>
  readonly ensureEnvironment: (project: string, environment: string) => Promise<void>
  readonly tellRefusal: TellRefusal
  /** What Temporal still knows, for the evidence of a release. */
  readonly records: Records
  /** Slipway's own version. */
  readonly version: string
  /** Makes the schedules by which the project's environments are looked at what the estate says. */
  readonly keepSchedules: (project: string) => Promise<void>
}

/** All activities, from what the worker hands over. Opens no connection until one of them runs. */
export function createActivities(deps: WorkerDeps): Activities {
  const registry = createRegistry(deps.estate.file.registry, { environment: deps.environment, readFile: deps.readFile })
  const store = createStore(deps.estate.file, registry)
  const mirrors = createMirrors(deps)
  const target = createTargets({ ...deps, registry })
  const all = { ...deps, registry, store, mirrors, target }
  const git = createGitActivities(all)
  return {
    ...git,
    ...createImageActivities(all),
    ...createForgeActivities(all),
    ...createIdentityActivities(all),
    ...createAnnounceActivities(all),
    ...createDeployActivities(all, git),
    ...createNotesActivities(all),
    ...createEvidenceActivities(all),
    ...createHouseActivities({ ...all, git }),
  }
}
