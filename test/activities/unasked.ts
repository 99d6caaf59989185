import type { AskHealth } from '../../activities/deploy/target.ts'

/** What a target is verified by where the estate has no health checks. */
export const unasked: AskHealth = () => Promise.resolve([])
