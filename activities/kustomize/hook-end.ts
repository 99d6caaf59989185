import type { HookEnd } from '../deploy/target.ts'
import type { Job, Pod } from './live.ts'

/** How a Job ended, by its conditions; null while it goes on. */
export function jobEnd(job: Job, pods: readonly Pod[]): Omit<HookEnd, 'logText'> | null {
  const conditions = job.status?.conditions ?? []
  if (conditions.some((each) => each.type === 'Complete' && each.status === 'True')) {
    return { outcome: 'succeeded', words: `is complete as job/${job.metadata.name}` }
  }
  const failed = conditions.find((each) => each.type === 'Failed' && each.status === 'True')
  if (!failed) return null
  if (failed.reason === 'DeadlineExceeded') {
    return {
      outcome: 'failed',
      words: `had not ended after ${job.spec?.activeDeadlineSeconds} s and was ended, as job/${job.metadata.name}`,
    }
  }
  const codes = [...new Set(pods.flatMap(exitCodes))].filter((code) => code !== 0)
  const said = [failed.reason, failed.message].filter(Boolean).join(': ')
  const coded = codes.length > 0 ? ` with exit code ${codes.join(', ')}` : ''
  return { outcome: 'failed', words: `failed${coded} as job/${job.metadata.name}${said ? ` (${said})` : ''}` }
}

function exitCodes({ status }: Pod): readonly number[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].flatMap(
    ({ state, lastState }) => state?.terminated?.exitCode ?? lastState?.terminated?.exitCode ?? [],
  )
}
