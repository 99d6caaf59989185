import type { EnvironmentFindings, EnvironmentResults } from './environment/results.ts'
import { measurePlan } from './environment/plan.ts'
import type { Bench } from './measure/bench.ts'
import { onLab, type OnLab } from './on-lab.ts'
import type { BenchOptions, Part } from './options.ts'

/** What keeps an environment safe, and what that costs. */
export function measureEnvironment(wanted: OnLab<BenchOptions<'environment'>>): Promise<EnvironmentResults> {
  return onLab(wanted, (bench) => measureAll(bench, wanted.options.parts))
}

async function measureAll(bench: Bench, parts: readonly Part<'environment'>[]): Promise<EnvironmentFindings> {
  return { plan: parts.includes('plan') ? await measurePlan(bench) : null }
}
