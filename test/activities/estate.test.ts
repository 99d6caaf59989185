import { expect, test } from 'vitest'
import { projectSettings } from '../../activities/estate.ts'
import { estateOf } from './git/support.ts'

const ONE_APPROVER = {
  count: 1,
  required: [],
  author: true,
  tagger: true,
  expiresMs: 86_400_000,
  reason: false,
  verified: false,
  addressed: [],
}

test('what decisions need to know, guarded where nothing else is said', () => {
  const settings = projectSettings(estateOf({ url: '/r.git', sweepSeconds: 30 }), 'shop')
  expect(settings).toEqual({
    project: 'shop',
    branches: { develop: 'develop', master: 'master', releasePrefix: 'release-' },
    environments: [
      { name: 'integration', from: 'develop', guarded: false, approvers: [], target: 'compose' },
      { name: 'alpha', from: 'release', guarded: false, approvers: ['ann'], target: 'kustomize' },
      { name: 'prod', from: 'tag', guarded: true, approvers: [], target: 'script', approval: ONE_APPROVER },
      { name: 'preview', from: 'tag', guarded: false, approvers: [], target: 'kustomize' },
    ],
    sweepSeconds: 30,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(projectSettings(estateOf({ url: '/r.git', sweepSeconds: 30 }), 'shop').hash).toBe(settings.hash)
  expect(projectSettings(estateOf({ url: '/r.git', sweepSeconds: 31 }), 'shop').hash).not.toBe(settings.hash)
})

test.each(['shpo', '__proto__', 'toString'])('%s is unknown', (project) => {
  expect(() => projectSettings(estateOf({ url: '/r.git' }), project)).toThrow(/has no project/)
})
