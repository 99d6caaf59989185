import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../lab/log.ts'
import { withLock } from '../lab/machine/lock.ts'
import { labUp } from '../lab/up.ts'
import { openCleanUp } from './machine/clean-up.ts'
import { describeMachine, load } from './machine/describe.ts'
import { memoryOf } from './machine/memory.ts'
import { makePackage } from './machine/package.ts'
import { measureDeliveries } from './measure/deliveries.ts'
import { measureMemory } from './measure/memory.ts'
import { measureStatus } from './measure/status.ts'
import { measureSteps } from './measure/steps.ts'
import { measureTag } from './measure/tag.ts'
import { openStage } from './measure/stage.ts'
import type { Bench } from './measure/bench.ts'
import type { BenchOptions, Part } from './options.ts'
import type { Results } from './results.ts'

type Delivery = {
  readonly checkout: string
  readonly options: BenchOptions
  readonly environment: NodeJS.ProcessEnv
  readonly log: Log
  readonly signal: AbortSignal
}

/** Everything in one run, on the lab, with a Temporal server, a worker and projects of its own; nothing of it is left. */
export async function measureDelivery({ checkout, options, environment, log, signal }: Delivery): Promise<Results> {
  const env = await labUp({ checkout, environment }, log)
  const folder = join(env.folder, 'bench')
  return await withLock(
    `${folder}.lock`,
    async () => {
      const cleanUp = openCleanUp((error) => log.say(`could not clean up: ${error instanceof Error ? error.message : String(error)}`))
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
      cleanUp.later(() => rm(folder, { recursive: true, force: true }))
      try {
        log.say('making the package that is measured')
        const packageFolder = join(folder, 'package')
        await makePackage(checkout, packageFolder)
        return await measureAll(
          { env, folder, packageFolder, cleanUp, signal, say: (text) => log.say(text), rounds: options.rounds },
          options.parts,
        )
      } finally {
        await cleanUp.run()
      }
    },
    () => log.say('another benchmark runs on this lab: waiting for its end …'),
  )
}

async function measureAll(bench: Bench, parts: readonly Part[]): Promise<Results> {
  const began = Date.now()
  const before = load()
  const has = (part: Part) => parts.includes(part)
  const steps = has('steps') ? await measureSteps(bench) : null
  const memory = has('memory') ? await measureMemory(bench) : null
  const stage = has('delivery') || has('tag') || has('status') ? await openStage(bench) : null
  const delivery = stage !== null && has('delivery') ? await measureDeliveries(bench, stage) : null
  const tag = stage !== null && has('tag') ? await measureTag(bench, stage) : null
  const status = stage !== null && has('status') ? await measureStatus(bench, stage) : null
  const afterwards = stage === null ? null : await memoryOf(stage.worker.pid)
  return {
    machine: await describeMachine(bench.env),
    begun: new Date(began).toISOString(),
    seconds: Math.round((Date.now() - began) / 1000),
    load: { before, after: load() },
    rounds: bench.rounds,
    steps,
    delivery,
    tag,
    status,
    memory,
    afterwards,
  }
}
