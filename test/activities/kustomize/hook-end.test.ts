import { expect, test } from 'vitest'
import { jobEnd } from '../../../activities/kustomize/hook-end.ts'
import type { Job, Pod } from '../../../activities/kustomize/live.ts'

type Conditions = NonNullable<NonNullable<Job['status']>['conditions']>
const job = (...conditions: Conditions): Job => ({
  metadata: { name: 'migrate-1-1' },
  spec: { activeDeadlineSeconds: 30 },
  status: { conditions },
})
const pod = (exitCode: number): Pod => ({
  metadata: { name: 'p' },
  status: { containerStatuses: [{ name: 'main', state: { terminated: { exitCode } } }] },
})

test('goes on until a condition says otherwise, and one that is only announced is none', () => {
  expect(jobEnd(job(), [])).toBeNull()
  expect(jobEnd(job({ type: 'Suspended', status: 'False' }), [pod(1)])).toBeNull()
  expect(jobEnd(job({ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' }), [])).toBeNull()
  expect(jobEnd(job({ type: 'Failed', status: 'False' }), [])).toBeNull()
})

test('says how it ended', () => {
  expect(jobEnd(job({ type: 'Complete', status: 'True' }), [pod(0)])).toEqual({
    outcome: 'succeeded',
    words: 'is complete as job/migrate-1-1',
  })
  const late = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  expect(jobEnd(job(late), [pod(137)])?.words).toBe('had not ended after 30 s and was ended, as job/migrate-1-1')
  const limit = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' }
  expect(jobEnd(job(limit), [pod(3), pod(3), pod(0)])).toEqual({
    outcome: 'failed',
    words: 'failed with exit code 3 as job/migrate-1-1 (BackoffLimitExceeded: too often)',
  })
  expect(jobEnd(job({ type: 'Failed', status: 'True' }), [])?.words).toBe('failed as job/migrate-1-1')
})
