/** Where a sprint stands on its way from develop to production. */
export type Phase = 'integrating' | 'stabilising' | 'releasing' | 'live' | 'aborted'

export const PHASES: readonly Phase[] = ['integrating', 'stabilising', 'releasing', 'live', 'aborted']
