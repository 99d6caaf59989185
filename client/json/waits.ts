import type { RepositoryState } from '../../domain/repository/state.ts'
import { isOver } from '../../domain/sprint/phase.ts'
import type { Wait } from '../../domain/wait.ts'
import type { EnvironmentPicture, SprintPicture } from '../picture.ts'
import { duration } from '../view/duration.ts'

/**
 * What a sprint waits for. The sprint knows what it asked for; the environment knows better why that waits: its words
 * are taken where both speak of the same request.
 */
export function waitsOf(picture: SprintPicture): Wait[] {
  const { waits, state } = picture.sprint
  const known = new Map(picture.environments.flatMap(({ view }) => view?.waits ?? []).map((wait) => [keyOf(wait), wait]))
  const outage = picture.repository.outage
  const told = waits.map((wait) => {
    if (wait.kind === 'build') return withBuildRetry(picture, wait)
    return (wait.request === undefined ? undefined : known.get(keyOf(wait))) ?? wait
  })
  return [...(outage === null || isOver(state.phase) ? [] : [outageWait(outage)]), ...told].map((wait) => withNextTry(wait, picture.now))
}

/** A build that cannot go on yet says why. */
function withBuildRetry(picture: SprintPicture, wait: Wait): Wait {
  const { develop, release } = picture.sprint.state.facts
  const fact = [release, develop].find((known) => known !== null && wait.detail.includes(known.imageTag))
  const build = picture.live.builds.find((live) => live.revision === fact?.revision)
  const stuck = build?.view?.services.find((service) => service.retry !== null)
  if (stuck === undefined || stuck.retry === null) return wait
  return {
    ...wait,
    kind: 'retry',
    detail: `${wait.detail}, but ${stuck.service}: ${stuck.retry.reason}`,
    nextTryAt: stuck.retry.at,
  }
}

function keyOf(wait: Wait): string {
  return `${wait.environment ?? ''} ${wait.request ?? ''}`
}

export function environmentWaitsOf({ view }: EnvironmentPicture, now: number): Wait[] {
  return (view?.waits ?? []).map((wait) => withNextTry(wait, now))
}

/** The remote cannot be read: why, and when it is tried again. */
export function outageWait({ reason, since, nextTryAt }: NonNullable<RepositoryState['outage']>): Wait {
  return { kind: 'remote', detail: reason, since, ...(nextTryAt === undefined ? {} : { nextTryAt }) }
}

export function withNextTry(wait: Wait, now: number): Wait {
  return wait.nextTryAt === undefined ? wait : { ...wait, detail: `${wait.detail}; ${retryText(wait.nextTryAt, now)}` }
}

export function retryText(at: number, now: number): string {
  return at > now ? `next try in ${duration(at - now)}` : 'it is being tried again'
}

/** The sprint's commands, and before them those for what failed in an environment that the sprint does not speak of. */
export function nextOf(picture: SprintPicture): string[] {
  const { next, state } = picture.sprint
  if (isOver(state.phase)) return [...next]
  const retries = picture.environments.flatMap(({ view }) => {
    const parked = view?.state.parked ?? null
    const concerns = parked !== null && (parked.request.version === null || parked.request.version === state.version)
    const goesOn = parked?.request.rollback === undefined ? 'slipway retry' : 'slipway rollback'
    return concerns ? (view?.next ?? []).filter((command) => command.startsWith(goesOn)) : []
  })
  return [...new Set([...retries, ...buildCommands(picture)])].filter((command) => !next.includes(command)).concat(next)
}

function buildCommands({ sprint }: SprintPicture): string[] {
  const { release, develop } = sprint.state.facts
  return [release, develop].flatMap((fact) => (fact?.build.status === 'failed' ? [`slipway logs ${fact.imageTag}`, 'slipway retry'] : []))
}
