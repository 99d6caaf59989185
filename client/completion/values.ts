import { seenDrift } from '../../domain/environment/drift.ts'
import { frozenFor } from '../../domain/environment/freeze.ts'
import { rollbackTargets } from '../../domain/environment/judge-rollback.ts'
import { verifiedHere, type DeployRequest, type EnvironmentState } from '../../domain/environment/state.ts'
import type { RepositoryState } from '../../domain/repository/state.ts'
import { UNTIL } from '../arguments.ts'
import { STAGES, type RequestAction } from '../choose-request.ts'
import { environmentPictures } from '../picture.ts'
import { namesOf } from '../plan/choose.ts'
import { liveVersions } from '../released.ts'
import type { Slipway } from '../typed/slipway.ts'
import { takeUnfollowed } from '../unfollowed.ts'
import type { Place } from './place.ts'

/** The values of an argument or an option, by its name in the command line's own help. */
export async function liveValues(place: Place, name: string, open: () => Promise<Slipway>): Promise<readonly string[]> {
  const command = place.command.name()
  switch (name) {
    case 'state':
      return UNTIL
    case 'version':
      return await versions(command, await open())
    case 'environment':
    case 'environments':
    case 'what':
      return environments(await (await open()).repository())
    case 'environment=tag':
      return environments(await (await open()).repository()).map((each) => `${each}=`)
    case 'request':
      return requests(command, await stateOf(place, await open()))
    case 'epoch|tag':
      return ofWhatRan(command, await stateOf(place, await open()))
    case 'epoch':
      return command === 'confirm' ? unconfirmed(await stateOf(place, await open())) : []
    case 'candidate':
      return await planned(place, await open())
    case 'branch':
      return await branches(place, await open())
    default:
      return []
  }
}

async function versions(command: string, slipway: Slipway): Promise<string[]> {
  // What a new sprint is called, only a person knows.
  if (command === 'start') return []
  const repository = await slipway.repository()
  const openSprints = repository.sprints.map((sprint) => sprint.version)
  switch (command) {
    case 'adopt':
      return (await takeUnfollowed(slipway, repository)).map((each) => each.version)
    case 'hotfix':
      return [...openSprints, ...liveVersions(await environmentPictures(slipway, repository))]
    default:
      return openSprints
  }
}

function environments({ settings }: RepositoryState): string[] {
  return (settings?.environments ?? []).map((each) => each.name)
}

async function stateOf({ given }: Place, slipway: Slipway): Promise<EnvironmentState | null> {
  const [name] = given
  return name === undefined ? null : ((await slipway.environment(name))?.state ?? null)
}

function requests(command: string, state: EnvironmentState | null): string[] {
  const stages = Object.hasOwn(STAGES, command) ? STAGES[command as RequestAction] : []
  const isFrozen = (request: DeployRequest) => command === 'override' && state !== null && frozenFor(state, request) !== null
  return (state?.waiting ?? [])
    .filter(({ stage, request }) => stages.includes(stage.kind) || (stage.kind === 'ready' && isFrozen(request)))
    .map(({ request }) => request.id)
}

async function planned(place: Place, slipway: Slipway): Promise<readonly string[]> {
  const [repository, state] = await Promise.all([slipway.repository(), stateOf(place, slipway)])
  return state === null ? [] : namesOf(repository, state)
}

function unconfirmed(state: EnvironmentState | null): string[] {
  return (state?.unconfirmed ?? []).map(({ epoch }) => `${epoch}`)
}

function ofWhatRan(command: string, state: EnvironmentState | null): string[] {
  if (command === 'unveto') return vetoed(state)
  return command === 'veto' ? verified(state) : backTo(state)
}

function verified(state: EnvironmentState | null): string[] {
  return state === null ? [] : verifiedHere(state).flatMap(({ epoch, tag }) => [`${epoch}`, tag])
}

function vetoed(state: EnvironmentState | null): string[] {
  return (state?.vetoes ?? []).flatMap(({ epoch, tag }) => [`${epoch}`, tag])
}

function backTo(state: EnvironmentState | null): string[] {
  if (state === null) return []
  const again = seenDrift(state) === null || state.current === null ? [] : [`${state.current.epoch}`]
  return [...again, ...rollbackTargets(state).flatMap(({ epoch, tag }) => [`${epoch}`, tag])]
}

/** Listed features; or, where a merge-back waits for a person, its branches. */
async function branches({ command, given }: Place, slipway: Slipway): Promise<readonly string[]> {
  const { sprints } = await slipway.repository()
  if (command.name() !== 'finish') return sprints.flatMap((sprint) => sprint.features)
  const version = given[0] ?? sprints.find((sprint) => sprint.phase === 'mergingBack')?.version
  const targets = version === undefined ? [] : ((await slipway.sprint(version))?.state.mergeBack?.targets ?? [])
  return targets.filter(({ status }) => status.kind === 'person').map(({ branch }) => branch)
}
