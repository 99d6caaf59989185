import { isCancellation, proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { ImageActivities } from '../activities/contract.ts'
import type { Candidate } from '../domain/candidate.ts'
import { keptAs } from '../domain/environment/kept.ts'
import { reasonOf } from './persist.ts'
import { BUILD_QUEUE } from './queues.ts'

type Keeping = {
  readonly project: string
  readonly environment: string
  readonly candidate: Candidate
  /** The image tag that it was deployed as, for a person. */
  readonly tag: string
  readonly number: number
}

/** A snapshot can be gone back to for as long as its digests are there: they get a name that a clean-up leaves alone. */
export async function keepDigests(
  { project, environment, candidate, tag, number }: Keeping,
  options: ActivityOptions,
): Promise<number | { readonly problem: string }> {
  const name = keptAs(environment, number)
  const { nameImages } = proxyActivities<ImageActivities>({ ...options, taskQueue: BUILD_QUEUE })
  try {
    await nameImages.executeWithOptions({ summary: `keep the digests of ${tag} as ${name}` }, [
      { project, candidate, tag: name, move: true },
    ])
    return number
  } catch (error) {
    if (isCancellation(error)) throw error
    return { problem: `its digests could not be named ${name} in the registry, whose clean-up may take them: ${reasonOf(error)}` }
  }
}
