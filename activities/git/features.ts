import type { Revision } from '../../domain/revision.ts'
import type { FeatureFact } from '../contract.ts'
import { commitsOutside, firstParentLine } from './commands.ts'
import { contains } from './contains.ts'
import { mapLimit } from './map-limit.ts'
import { mergedTrees } from './merge-trees.ts'
import type { GitMirror } from './open-mirror.ts'
import { squashesAmong } from './squash.ts'

export type WatchedFeature = {
  readonly branch: string
  /** Its full name; null when the branch has a name that is not served. */
  readonly ref: string | null
  readonly revision: Revision | null
  /** Where the last look saw it: a branch that was merged and deleted at once is known by it. */
  readonly revisionBefore: Revision | null
}

export type FeatureQuestion = {
  readonly develop: Revision | null
  readonly developBefore: Revision | null
  readonly features: readonly WatchedFeature[]
}

export type FeatureJudge = (question: FeatureQuestion, mirror: GitMirror, signal: AbortSignal) => Promise<readonly FeatureFact[]>

/**
 * How a tip stands to develop. 'line' is a commit of develop's own first-parent line: a branch that was just cut and has no
 * commits of its own looks so, and so does one that develop was carried forward to.
 */
type Standing = 'merge' | 'line' | 'squash' | 'apart'

const REMEMBERED = 5000

/** Answers from memory where develop and the feature are where they were. */
export function createFeatureJudge(): FeatureJudge {
  const standings = new Map<string, Standing>()
  return async ({ develop, developBefore, features }, mirror, signal) => {
    if (develop === null) return features.map(({ branch, revision }) => ({ branch, revision, merged: null }))
    const tips = await commitsHere(features, mirror, signal)
    const unknown = [...tips].filter((tip) => !standings.has(keyOf(develop, tip)))
    const judged = unknown.length === 0 ? new Map<Revision, Standing>() : await judge(develop, unknown, mirror, signal)
    for (const [tip, standing] of judged) standings.set(keyOf(develop, tip), standing)
    const facts = await mapLimit(features, 4, async (feature): Promise<FeatureFact> => {
      const { branch, revision } = feature
      const tip = revision ?? feature.revisionBefore
      const standing = tip === null ? undefined : standings.get(keyOf(develop, tip))
      if (standing === 'merge' || standing === 'squash') return { branch, revision, merged: standing }
      const forwarded = standing === 'line' && (await carriedForward(feature, develop, developBefore, mirror, signal))
      return { branch, revision, merged: forwarded ? 'merge' : null }
    })
    forgetOldest(standings)
    return facts
  }
}

function keyOf(develop: Revision, tip: Revision): string {
  return `${develop} ${tip}`
}

function forgetOldest(standings: Map<string, Standing>): void {
  for (const key of standings.keys()) {
    if (standings.size <= REMEMBERED) return
    standings.delete(key)
  }
}

async function commitsHere(features: readonly WatchedFeature[], mirror: GitMirror, signal: AbortSignal): Promise<Set<Revision>> {
  const tips = [...new Set(features.flatMap(({ revision, revisionBefore }) => revision ?? revisionBefore ?? []))]
  const infos = await Promise.all(tips.map((tip) => mirror.objects.info(tip, signal)))
  return new Set(tips.filter((_, index) => infos[index]?.type === 'commit'))
}

/** Two processes at once for all tips together, and one for each that develop contains. */
async function judge(
  develop: Revision,
  tips: readonly Revision[],
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<Map<Revision, Standing>> {
  const [{ stdout }, trees] = await Promise.all([
    mirror.git(commitsOutside(mirror.paths.mirror, develop, tips), 'see what develop contains', signal),
    mergedTrees(develop, tips, mirror, signal),
  ])
  const outside = new Set(stdout.toString('latin1').split('\n'))
  const apart = tips.filter((tip) => outside.has(tip))
  const inside = tips.filter((tip) => !outside.has(tip))
  const [squashed, lines] = await Promise.all([
    squashesAmong(develop, apart, trees, mirror, signal),
    mapLimit(inside, 4, (tip) => isOnLine(develop, tip, mirror, signal)),
  ])
  return new Map<Revision, Standing>([
    ...inside.map((tip, index) => [tip, lines[index] ? 'line' : 'merge'] as const),
    ...apart.map((tip) => [tip, squashed.has(tip) ? 'squash' : 'apart'] as const),
  ])
}

/** Walks develop's first-parent line back to what `tip` contains: the walk ends on `tip` itself, or beside it. */
async function isOnLine(develop: Revision, tip: Revision, mirror: GitMirror, signal: AbortSignal): Promise<boolean> {
  const { stdout } = await mirror.git(firstParentLine(mirror.paths.mirror, develop, [tip]), "read develop's line", signal)
  const last = stdout.toString('latin1').trim().split('\n').at(-1)
  return last === '' || last === undefined || last.split(' ')[1] === tip
}

/**
 * The feature had commits that develop lacked at the last look and has them now, in its own line: a fast-forward merge. It
 * is seen at the look after which it happened, and never again.
 */
async function carriedForward(
  feature: WatchedFeature,
  develop: Revision,
  developBefore: Revision | null,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<boolean> {
  const { revisionBefore } = feature
  if (revisionBefore === null || developBefore === null || developBefore === develop) return false
  const infos = await Promise.all([revisionBefore, developBefore].map((each) => mirror.objects.info(each, signal)))
  if (infos.some((info) => info?.type !== 'commit')) return false
  const [inNow, inBefore] = await Promise.all([develop, developBefore].map((each) => contains(each, revisionBefore, mirror, signal)))
  return inNow === true && inBefore === false
}
