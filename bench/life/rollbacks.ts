import type { Bench } from '../measure/bench.ts'
import { medianMoments } from '../measure/deliveries.ts'
import { measured } from '../measure/measured.ts'
import { NEWER, OLDER, type WayBack, type WentBack } from './back.ts'
import { openBackByHand } from './back-by-hand.ts'
import { openBackBySlipway } from './back-by-slipway.ts'
import { finish, ship } from './release.ts'
import type { RollbackResult } from './results.ts'
import type { Led, LifeStage } from './stage.ts'

const VERSIONS = { older: '2.0.0', newer: '2.1.0' }
const TAGS = { older: `v${VERSIONS.older}`, newer: `v${VERSIONS.newer}` }

type Rollbacks = { readonly kinds: readonly RollbackResult[]; readonly finishes: readonly number[] }

/** Back to the version before, by each way in every round; then forth again, all at once. */
export async function measureRollbacks(bench: Bench, { compose, kustomize, byHand }: LifeStage): Promise<Rollbacks> {
  const { rounds, say, signal } = bench
  say(`rollback: releasing ${TAGS.older} and ${TAGS.newer}`)
  const finishes: number[] = []
  for (const led of [compose, kustomize]) finishes.push(await releaseBoth(led))
  const [scriptCompose, scriptKustomize, undo] = await openBackByHand(bench, byHand)
  // The undo and the script have one deployment: they cannot go forth at once.
  const turns = [
    [
      scriptCompose,
      openBackBySlipway(bench, compose, 'compose', TAGS),
      scriptKustomize,
      openBackBySlipway(bench, kustomize, 'kustomize', TAGS),
    ],
    [undo],
  ].map((turn) => turn.flatMap((way) => (way === undefined ? [] : [{ way, went: [] as WentBack[] }])))
  for (let round = 0; round <= rounds; round++) {
    const took: string[] = []
    for (const turn of turns) {
      for (const { way, went } of turn) {
        signal.throwIfAborted()
        const one = await way.back()
        // The first of each is thrown away: what it finds cold, the others do not.
        if (round > 0) went.push(one)
        took.push(`${one.served}`)
      }
      await Promise.all(turn.map(({ way }) => way.forth()))
    }
    say(`rollback: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${took.join(' ')} ms`)
  }
  return { kinds: turns.flat().map(({ way, went }) => resultOf(way, went)), finishes }
}

/** The older version is finished before the next begins; the newer one stays live. @returns how long the finish took */
async function releaseBoth(led: Led): Promise<number> {
  await ship(led, VERSIONS.older, OLDER)
  const took = await finish(led, VERSIONS.older)
  await ship(led, VERSIONS.newer, NEWER)
  return took
}

function resultOf({ name, target }: WayBack, went: readonly WentBack[]): RollbackResult {
  return {
    way: name,
    target,
    served: measured(went.map(({ served }) => served)),
    done: measured(went.map(({ done }) => done)),
    moments: medianMoments(went.map(({ moments }) => moments)),
  }
}
