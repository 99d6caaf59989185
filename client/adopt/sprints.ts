import type { Actor } from '../../domain/actor.ts'
import { unwrap } from '../../domain/parsed.ts'
import type { RepositoryState } from '../../domain/repository/state.ts'
import { compareVersions, parseVersion } from '../../domain/version.ts'
import { environmentPictures } from '../picture.ts'
import { liveVersions } from '../released.ts'
import type { Slipway } from '../typed/slipway.ts'
import { unfollowed, type Unfollowed } from '../unfollowed.ts'
import { outcomeOf, type Outcome } from './outcome.ts'

/**
 * Opens the sprints of what is under way: the version that is live, while its release branch is there, and release branches
 * of younger ones. What is older is left, and named. A sprint deploys at once: while it would put something over what could
 * not be taken over, it waits for a person.
 *
 * @param inDoubt the environments that sprints deploy to and that could not be taken over
 */
export async function adoptSprints(
  slipway: Slipway,
  repository: RepositoryState,
  inDoubt: readonly string[],
  by: Actor,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly left: readonly Unfollowed[] }> {
  const all = unfollowed(repository)
  const [environments, ends] = await Promise.all([
    environmentPictures(slipway, repository),
    Promise.all(all.map(({ version }) => slipway.sprintEnd(version))),
  ])
  const chosen = all.filter((each, index) => ends[index] === null && isUnderWay(each, liveVersions(environments)))
  const outcomes: Outcome[] = []
  for (const { version } of chosen.toSorted(byVersion)) {
    outcomes.push(
      inDoubt.length > 0 ? leftFor(version, inDoubt) : await outcomeOf(version, () => slipway.openSprint({ version, as: 'adopt', by })),
    )
  }
  return { outcomes, left: all.filter((each, index) => ends[index] !== 'finished' && !chosen.includes(each)) }
}

function leftFor(version: string, inDoubt: readonly string[]): Outcome {
  const text = `not opened: it would deploy over what runs in ${inDoubt.join(' and ')}, where nobody could tell what that is`
  return {
    name: version,
    kind: 'left',
    text,
    next: [...inDoubt.map((name) => `slipway adopt --running ${name}=TAG`), `slipway adopt ${version}`],
  }
}

/** Where nothing is live, a release branch without a release is what is under way. */
function isUnderWay(each: Unfollowed, live: readonly string[]): boolean {
  if (!each.hasBranch) return false
  const newest = live.at(-1)
  if (newest === undefined) return each.refs.length === 1
  return live.includes(each.version) || byVersion(each, { version: newest }) > 0
}

function byVersion(a: Pick<Unfollowed, 'version'>, b: Pick<Unfollowed, 'version'>): number {
  return compareVersions(unwrap(parseVersion(a.version)), unwrap(parseVersion(b.version)))
}
