import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../lab/log.ts'
import { withLock } from '../lab/machine/lock.ts'
import { labUp } from '../lab/up.ts'
import { openCleanUp } from './machine/clean-up.ts'
import { describeMachine, load } from './machine/describe.ts'
import { makePackage } from './machine/package.ts'
import type { Bench } from './measure/bench.ts'
import type { BenchOptions } from './options.ts'
import type { Conditions } from './results.ts'

export type OnLab<Options = BenchOptions> = {
  readonly checkout: string
  readonly options: Options
  readonly environment: NodeJS.ProcessEnv
  readonly log: Log
  readonly signal: AbortSignal
}

/** Measures on the lab, with the package made and a folder of its own; one benchmark at a time, and nothing of it is left. */
export async function onLab<Found>(
  { checkout, options, environment, log, signal }: OnLab,
  measure: (bench: Bench) => Promise<Found>,
): Promise<Conditions & Found> {
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
        const { rounds } = options
        return await underConditions({ env, folder, packageFolder, cleanUp, signal, say: (text) => log.say(text), rounds }, measure)
      } finally {
        await cleanUp.run()
      }
    },
    () => log.say('another benchmark runs on this lab: waiting for its end …'),
  )
}

async function underConditions<Found>(bench: Bench, measure: (bench: Bench) => Promise<Found>): Promise<Conditions & Found> {
  const began = Date.now()
  const before = load()
  const found = await measure(bench)
  return {
    machine: await describeMachine(bench.env),
    begun: new Date(began).toISOString(),
    seconds: Math.round((Date.now() - began) / 1000),
    load: { before, after: load() },
    rounds: bench.rounds,
    ...found,
  }
}
