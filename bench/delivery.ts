import { memoryOf } from './machine/memory.ts'
import type { Bench } from './measure/bench.ts'
import { measureDeliveries } from './measure/deliveries.ts'
import { measureMemory } from './measure/memory.ts'
import { measureStatus } from './measure/status.ts'
import { measureSteps } from './measure/steps.ts'
import { measureTag } from './measure/tag.ts'
import { openStage } from './measure/stage.ts'
import { onLab, type OnLab } from './on-lab.ts'
import type { BenchOptions, Part } from './options.ts'
import type { Conditions, Results } from './results.ts'

/** Everything in one run, on the lab, with a Temporal server, a worker and projects of its own; nothing of it is left. */
export function measureDelivery(wanted: OnLab<BenchOptions<'delivery'>>): Promise<Results> {
  return onLab(wanted, (bench) => measureAll(bench, wanted.options.parts))
}

async function measureAll(bench: Bench, parts: readonly Part<'delivery'>[]): Promise<Omit<Results, keyof Conditions>> {
  const has = (part: Part<'delivery'>) => parts.includes(part)
  const steps = has('steps') ? await measureSteps(bench) : null
  const memory = has('memory') ? await measureMemory(bench) : null
  const stage = has('delivery') || has('tag') || has('status') ? await openStage(bench) : null
  const delivery = stage !== null && has('delivery') ? await measureDeliveries(bench, stage) : null
  const tag = stage !== null && has('tag') ? await measureTag(bench, stage) : null
  const status = stage !== null && has('status') ? await measureStatus(bench, stage) : null
  const afterwards = stage === null ? null : await memoryOf(stage.worker.pid)
  return { steps, delivery, tag, status, memory, afterwards }
}
