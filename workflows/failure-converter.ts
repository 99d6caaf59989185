import { DefaultFailureConverter } from '@temporalio/common'

/** Puts messages and stacks of failures where a payload codec reaches them; for bundles of workers that have one. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
