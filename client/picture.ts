import type { EnvironmentSettings } from '../domain/settings.ts'
import type { RepositoryState } from '../domain/repository/state.ts'
import type { BuildView, EnvironmentView, SprintView } from '../workflows/messages.ts'
import { notFound } from './exit.ts'
import type { PendingActivity, Slipway } from './typed/slipway.ts'
import { takeUnfollowed, type Unfollowed } from './unfollowed.ts'

/** Everything that is known of one sprint at one moment: what status, watch and history show. */
export type SprintPicture = {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly sprint: SprintView
  readonly repository: RepositoryState
  readonly environments: readonly EnvironmentPicture[]
  readonly live: Live
  /** Versions on the remote that no sprint follows. */
  readonly unfollowed: readonly Unfollowed[]
}

export type EnvironmentPicture = {
  readonly settings: EnvironmentSettings
  /** Null when its workflow is not there yet. */
  readonly view: EnvironmentView | null
}

/** What runs right now, with its newest log lines. */
export type Live = {
  readonly builds: readonly LiveBuild[]
  readonly deployments: readonly { readonly environment: string; readonly line: string | null }[]
}

export type LiveBuild = {
  readonly revision: string
  readonly ref: string
  readonly since: number
  readonly view: BuildView | null
  readonly activities: readonly PendingActivity[]
}

export const NOTHING_LIVE: Live = { builds: [], deployments: [] }

/** Asks everything at once; `live` asks what runs for its newest lines as well. */
export async function takePicture(
  slipway: Slipway,
  input: { readonly version: string; readonly repository: RepositoryState; readonly live: boolean; readonly now: () => number },
): Promise<SprintPicture> {
  const { version, repository } = input
  const [sprint, environments, unfollowed] = await Promise.all([
    slipway.sprint(version),
    environmentPictures(slipway, repository),
    takeUnfollowed(slipway, repository),
  ])
  if (sprint === null) throw unknownSprint(slipway, repository, version)
  const live = await takeLive(slipway, repository, environments, input.live)
  return { now: input.now(), sprint, repository, environments, live, unfollowed }
}

export async function environmentPictures(slipway: Slipway, repository: RepositoryState): Promise<EnvironmentPicture[]> {
  const settings = repository.settings?.environments ?? []
  return await Promise.all(
    settings.map(async (environment) => ({ settings: environment, view: await slipway.environment(environment.name) })),
  )
}

/** A build's own words are asked for always: they hold the reason when it is tried again. */
async function takeLive(
  slipway: Slipway,
  repository: RepositoryState,
  environments: readonly EnvironmentPicture[],
  lines: boolean,
): Promise<Live> {
  const building = repository.builds.flatMap((build) => (build.status === 'building' ? [build] : []))
  const deploying = (lines ? environments : []).flatMap(({ view }) =>
    view === null || view.state.running === null ? [] : [{ name: view.state.name, epoch: view.state.running.epoch }],
  )
  const [builds, deployments] = await Promise.all([
    Promise.all(
      building.map(async ({ revision, ref, since }): Promise<LiveBuild> => {
        const [view, activities] = await Promise.all([slipway.build(revision), lines ? slipway.buildActivities(revision) : []])
        return { revision, ref, since, view, activities }
      }),
    ),
    Promise.all(
      deploying.map(async ({ name, epoch }) => {
        const activities = await slipway.deploymentActivities(name, epoch)
        return { environment: name, line: activities.find((activity) => activity.line !== null)?.line ?? null }
      }),
    ),
  ])
  return { builds, deployments }
}

function unknownSprint(slipway: Slipway, repository: RepositoryState, version: string) {
  const open = repository.sprints.map((sprint) => sprint.version)
  const known = open.length === 0 ? 'none is open' : `open: ${open.join(', ')}`
  return notFound(`no sprint ${version} of ${slipway.project} is known; ${known}`, [
    `slipway start ${version}`,
    ...open.map((other) => `slipway status ${other}`),
  ])
}
