import type { OpenSprint } from '../domain/repository/state.ts'
import type { Phase } from '../domain/sprint/phase.ts'
import { compareVersions, parseVersion } from '../domain/version.ts'
import { unwrap } from '../domain/parsed.ts'
import { notFound, usage } from './exit.ts'

/**
 * The sprint that a command without VERSION means: the newest open one that stands in a phase in which the command has a
 * meaning, else the newest open one, whose state then says why not.
 */
export function chooseSprint(project: string, sprints: readonly OpenSprint[], preferred: readonly Phase[] = []): string {
  const newestFirst = sprints.toSorted((a, b) => compareVersions(version(b), version(a)))
  const chosen = newestFirst.find((sprint) => preferred.includes(sprint.phase)) ?? newestFirst[0]
  if (chosen === undefined) throw notFound(`no sprint of ${project} is open`, ['slipway start VERSION', 'slipway env'])
  return chosen.version
}

/** As chooseSprint, for what cannot be taken back: several open sprints have to be told apart by name. */
export function onlySprint(project: string, sprints: readonly OpenSprint[], command: string): string {
  if (sprints.length < 2) return chooseSprint(project, sprints)
  const versions = sprints.map((sprint) => sprint.version)
  throw usage(
    `${versions.length} sprints of ${project} are open: ${versions.join(', ')}; name one`,
    versions.map((open) => `slipway ${command.replace('VERSION', open)}`),
  )
}

function version(sprint: OpenSprint) {
  return unwrap(parseVersion(sprint.version))
}
