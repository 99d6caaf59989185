import type { Cleaned, Finding, GitActivities, HouseActivities } from '../contract.ts'
import type { ActivityDeps } from '../context.ts'
import { cleanWorktrees } from '../git/clean.ts'
import type { ForgeDeps } from '../forge/create.ts'
import { cleanImages } from '../image/clean-images.ts'
import { projectEstate } from '../estate.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { cleanLogs } from '../store/clean-logs.ts'
import { textPageOf } from '../store/text-page.ts'
import { openWorkshop, type ImageDeps } from '../image/workshop.ts'
import { checkBuild } from './check-build.ts'
import { checkEnvironment } from './check-environment.ts'
import { checkRepository } from './check-repository.ts'
import type { DeployDeps } from '../deploy/activities.ts'

export type HouseDeps = ActivityDeps &
  ImageDeps &
  DeployDeps &
  ForgeDeps & {
    readonly git: Pick<GitActivities, 'readRefs'>
    /** Starts the environment workflow where it does not run. */
    readonly ensureEnvironment: (project: string, environment: string) => Promise<void>
    /** Makes the schedules by which the project's environments are looked at what the estate says. */
    readonly keepSchedules: (project: string) => Promise<void>
  }

/** As long as the production stack keeps the histories that name them. */
const KEPT_LOGS = { olderThanMs: 90 * 24 * 3_600_000 }

const KEPT_IMAGES = { keepPerRepository: 5, youngerThanMs: 3_600_000 }

export function createHouseActivities(deps: HouseDeps): HouseActivities {
  const beat = <T>(line: string, work: (signal: AbortSignal) => Promise<T>) =>
    withHeartbeat(deps.attempt(), line, (_say, signal) => work(signal))
  return {
    ensureEnvironments: ({ project }) =>
      beat(`the environments of ${project}`, async () => {
        const names = Object.keys(projectEstate(deps.estate, project).environments)
        await Promise.all([...names.map((name) => deps.ensureEnvironment(project, name)), deps.keepSchedules(project)])
      }),
    checkRepository: ({ project }): Promise<Finding[]> => beat('git and the remote', (signal) => checkRepository(deps, project, signal)),
    checkBuild: (): Promise<Finding[]> => beat('engine and registry', (signal) => checkBuild(deps, signal)),
    checkEnvironment: ({ project, environment }): Promise<Finding[]> =>
      beat(`the target of ${environment}`, () => checkEnvironment(deps, project, environment, deps.attempt())),
    readLog: ({ digest, offset }) => beat('a page of a log', async (signal) => textPageOf(await deps.store.get(digest, signal), offset)),
    cleanRepository: (): Promise<Cleaned[]> =>
      beat('removing worktrees, packing mirrors', async (signal) => {
        const { worktrees, bytes } = await cleanWorktrees(deps.stateFolder, { environment: deps.environment, signal, now: Date.now() })
        return [{ what: 'worktrees and listings', removed: worktrees, bytes }]
      }),
    cleanBuild: (): Promise<Cleaned[]> =>
      beat('removing images and old logs', async (signal) => {
        const { images, bytes } = await cleanImages(openWorkshop(deps), { ...KEPT_IMAGES, nowMs: Date.now() }, signal)
        const { olderThanMs } = KEPT_LOGS
        const old = await cleanLogs(deps.estate.file.store, deps.registry, { olderThanMs, nowMs: Date.now() }, signal)
        return [
          { what: 'images on the builder', removed: images, bytes },
          { what: 'logs older than 90 days', removed: old.logs, bytes: old.bytes },
        ]
      }),
  }
}
