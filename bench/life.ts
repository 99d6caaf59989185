import { measureGrowth } from './life/growth.ts'
import { measureMerges } from './life/merges.ts'
import { measureSuggestion, measureSweeps } from './life/renewal.ts'
import type { LifeFindings, LifeResults } from './life/results.ts'
import { measureRollbacks } from './life/rollbacks.ts'
import { openLifeStage } from './life/stage.ts'
import type { Bench } from './measure/bench.ts'
import { measured } from './measure/measured.ts'
import { onLab, type OnLab } from './on-lab.ts'
import type { BenchOptions, Part } from './options.ts'

/** What comes after a delivery: the way back, the merge-back, and what all of it leaves in Temporal. */
export function measureLife(wanted: OnLab<BenchOptions<'life'>>): Promise<LifeResults> {
  return onLab(wanted, (bench) => measureAll(bench, wanted.options.parts))
}

async function measureAll(bench: Bench, parts: readonly Part<'life'>[]): Promise<LifeFindings> {
  const has = (part: Part<'life'>) => parts.includes(part)
  const stage = has('history') || has('rollback') ? await openLifeStage(bench) : null
  // First the growth, while there is but one sprint; last the sweeps, of which there is one in a minute.
  const growth = stage !== null && has('history') ? await measureGrowth(bench, stage.kustomize) : null
  const rollback = stage !== null && has('rollback') ? await measureRollbacks(bench, stage) : null
  const merge = has('merge') ? await measureMerges(bench) : null
  const finishes = [...(growth?.finishes ?? []), ...(rollback?.finishes ?? [])]
  return {
    rollback: rollback?.kinds ?? null,
    finish: finishes.length === 0 ? null : measured(finishes),
    merge,
    history:
      stage === null || growth === null
        ? null
        : {
            ...growth.found,
            sweep: await measureSweeps(stage.kustomize),
            suggested: await measureSuggestion(bench, stage.kustomize),
          },
  }
}
