import type { EnvironmentFindings, EnvironmentResults } from './environment/results.ts'
import { measureApproval } from './environment/approval.ts'
import { measureCrash } from './environment/crash.ts'
import { measurePlan } from './environment/plan.ts'
import { openEnvironmentStage } from './environment/stage.ts'
import { measureStorm } from './environment/storm.ts'
import type { Bench } from './measure/bench.ts'
import { onLab, type OnLab } from './on-lab.ts'
import type { BenchOptions, Part } from './options.ts'

/** What keeps an environment safe, and what that costs. */
export function measureEnvironment(wanted: OnLab<BenchOptions<'environment'>>): Promise<EnvironmentResults> {
  return onLab(wanted, (bench) => measureAll(bench, wanted.options.parts))
}

async function measureAll(bench: Bench, parts: readonly Part<'environment'>[]): Promise<EnvironmentFindings> {
  const has = (part: Part<'environment'>) => parts.includes(part)
  const plan = has('plan') ? await measurePlan(bench) : null
  const led = has('crash') || has('storm') ? await openEnvironmentStage(bench) : null
  return {
    plan,
    crash: led !== null && has('crash') ? await measureCrash(bench, led) : null,
    storm: led !== null && has('storm') ? await measureStorm(bench, led) : null,
    approval: has('approval') ? await measureApproval(bench) : null,
  }
}
