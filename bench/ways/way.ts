import type { BenchProject } from '../project/create.ts'
import type { Place } from '../served.ts'
import type { Moments } from '../history/moments.ts'

export const TARGETS = ['compose', 'kustomize'] as const
export type Target = (typeof TARGETS)[number]

/** One delivery, from the moment at which `git push` begins until all services answer with the new version. */
export type Delivered = {
  readonly milliseconds: number
  /** Named moments on the way, in milliseconds since the push began. */
  readonly moments: Moments
}

/** One of the two ways to deliver one project. */
export type Way = {
  readonly name: 'by hand' | 'Slipway'
  readonly project: BenchProject
  /** Brings it up for the first time on every target; nothing of that is measured. */
  readonly begin: () => Promise<void>
  readonly deliver: (target: Target, version: string) => Promise<Delivered>
}

export function composePlaces({ ports }: BenchProject): Place[] {
  return Object.values(ports).map((port) => ({ host: '127.0.0.1', port }))
}

/** The branch that feeds each target. */
export const BRANCH: Readonly<Record<Target, string>> = { compose: 'develop', kustomize: 'release-1.0.0' }
