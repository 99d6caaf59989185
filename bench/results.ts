import type { Moments } from './history/moments.ts'
import type { MachineFacts } from './machine/describe.ts'
import type { Memory } from './machine/memory.ts'
import type { Summary } from './statistics.ts'
import type { Target, Way } from './ways/way.ts'

/** Samples in the order in which they were taken, and what they come to. */
export type Measured = Summary & { readonly samples: readonly number[] }

/** How it was when it was measured. */
export type Conditions = {
  readonly machine: MachineFacts
  /** ISO 8601. */
  readonly begun: string
  readonly seconds: number
  /** Load of the machine's last minute when it began and when it ended. */
  readonly load: { readonly before: number; readonly after: number }
  readonly rounds: number
}

/** Milliseconds throughout. */
export type Results = Conditions & {
  readonly steps: StepResult | null
  readonly delivery: readonly DeliveryResult[] | null
  readonly tag: TagResult | null
  readonly status: StatusResult | null
  readonly memory: MemoryResult | null
  /** The worker that did all the deliveries, when it had done them. */
  readonly afterwards: Memory | null
}

/** One activity after another in one workflow. */
export type StepResult = { readonly activities: number; readonly perStep: Measured }

export type DeliveryResult = {
  readonly way: Way['name']
  readonly target: Target
  readonly services: number
  readonly served: Measured
  /** The median of every moment on the way, since the push began. */
  readonly moments: Moments
}

export type TagResult = {
  readonly services: number
  /** By hand: docker build and docker push under the tag, with everything in the builder's cache, and with nothing. */
  readonly rebuiltCached: Measured
  readonly rebuilt: Measured
  /** The activity that gives the proven digests their second name. */
  readonly promoted: Measured
  /** From `git push` of the tag until the registry has the name for every service. */
  readonly pushedToNamed: Measured
}

export type StatusResult = {
  /** The whole process, its compiled code kept from the run before. */
  readonly warm: Measured
  /** With nothing kept: as the first time after an installation. */
  readonly first: Measured
  /** `node --eval ''`: what no program on Node can go below. */
  readonly bareNode: Measured
}

export type MemoryResult = {
  readonly readyMs: number
  readonly idle: Memory
  readonly projects: number
  readonly sprints: Memory
  /** From the start of the worker until all sprints were open and the worker had nothing to do. */
  readonly filledSeconds: number
}
