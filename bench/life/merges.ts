import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { createGitActivities } from '../../activities/git/activities.ts'
import { createMirrors } from '../../activities/git/mirrors.ts'
import { estateSchema } from '../../config/estate-schema.ts'
import { ANNE } from '../../test/fakes/conversation.ts'
import type { Bench } from '../measure/bench.ts'
import { measured } from '../measure/measured.ts'
import { labEstate } from '../project/estate.ts'
import { createLongRepository, LONG, type LongRepository } from './long-repository.ts'
import type { MergeResult } from './results.ts'

const PROJECT = 'bench-merge'
const SCRIPT = join(import.meta.dirname, '..', 'by-hand', 'merge-back.sh')

/** The merge-back of a release in a long history: the activity itself against a remote of the lab, and the same by hand. */
export async function measureMerges(bench: Bench): Promise<MergeResult> {
  const { env, rounds, say, signal, cleanUp } = bench
  say(`merge: ${rounds} times into develop and master of a repository with ${LONG.commits} commits`)
  const folder = join(bench.folder, 'merge')
  await mkdir(folder, { recursive: true })
  const long = await createLongRepository(env, PROJECT, signal)
  cleanUp.later(long.remove)
  const rows = new Map<string, number[]>()
  const warm = openMerger(bench, long, join(folder, 'warm'))
  for (let round = 0; round <= rounds; round++) {
    signal.throwIfAborted()
    const timed = async (what: string, expected: string, work: () => Promise<string>) => {
      const began = performance.now()
      const found = await work()
      const took = performance.now() - began
      if (found !== expected) throw new Error(`${what}: expected "${expected}", found "${found}"`)
      // The first round is thrown away: only then is the warm mirror warm.
      if (round > 0) rows.set(what, [...(rows.get(what) ?? []), took])
    }
    const byHand = async (how: 'clone' | 'there', target: string) =>
      (await execa('sh', [SCRIPT, how, long.url, join(folder, how), target, long.release])).exitCode === 0 ? 'merged' : 'failed'

    await long.reset(round)
    const fresh = openMerger(bench, long, join(folder, 'fresh'))
    await timed('Slipway, into develop, with no mirror yet', 'merged', () => fresh.merge('develop'))
    fresh.close()
    await rm(join(folder, 'fresh'), { recursive: true, force: true })

    await long.reset(round)
    await timed('by hand, into develop, with no clone yet', 'merged', () => byHand('clone', 'develop'))
    await rm(join(folder, 'clone'), { recursive: true, force: true })

    const tip = await long.reset(round)
    await timed('Slipway, into develop, which has moved', 'merged', () => warm.merge('develop'))
    await timed('Slipway, into master', 'merged', () => warm.merge('master'))
    await timed('Slipway, into develop, asked again', 'contained', () => warm.merge('develop'))
    await timed('Slipway, compare the release with what develop was', 'diverged', () => warm.compare(tip))

    await long.reset(round)
    await timed('by hand, into develop, which has moved', 'merged', () => byHand('there', 'develop'))
    await timed('by hand, into master', 'merged', () => byHand('there', 'master'))
  }
  warm.close()
  return { ...LONG, rows: [...rows].map(([what, samples]) => ({ what, took: measured(samples) })) }
}

/** A worker's git activities with the mirrors in this folder. */
function openMerger({ env, signal }: Bench, { url, release }: LongRepository, stateFolder: string) {
  const projects = {
    [PROJECT]: {
      repository: { url },
      environments: { alpha: { from: 'release', target: { kustomize: { cluster: 'lab', namespace: `${PROJECT}-alpha` } } } },
    },
  }
  const deps = {
    estate: { file: estateSchema.parse({ ...labEstate(env), projects }), hash: '' },
    stateFolder,
    environment: process.env,
    attempt: () => ({ signal, heartbeat: () => undefined }),
  }
  const mirrors = createMirrors(deps)
  const activities = createGitActivities({ ...deps, mirrors })
  const input = { project: PROJECT, version: '1.0.0', tag: 'v1.0.0', revision: release, by: ANNE, mergedAs: null }
  return {
    merge: async (target: string) => (await activities.mergeInto({ ...input, target })).outcome,
    compare: async (tip: string) => (await activities.compareRevisions({ project: PROJECT, a: tip, b: release })).relation,
    close: () => mirrors(PROJECT).close(),
  }
}
