import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hookJobName } from '../../../activities/kustomize/hook-name.ts'

const names = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/)
const runs = fc.record({
  project: names,
  environment: names,
  fence: fc.record({ epoch: fc.nat(1e12), attempt: fc.nat(9) }),
  hook: fc.record({ name: names, run: fc.nat(99) }),
})

test('is a DNS name that fits into a label, whatever the names', () => {
  fc.assert(
    fc.property(runs, (run) => {
      expect(hookJobName(run)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
    }),
  )
})

test('is the same for every attempt, and another one for everything else', () => {
  const run = { project: 'p', environment: 'e', fence: { epoch: 1, attempt: 1 }, hook: { name: 'migrate', run: 1 } }
  expect(hookJobName(run)).toMatch(/^migrate-1-1-[0-9a-f]{10}$/)
  expect(hookJobName({ ...run, fence: { epoch: 1, attempt: 2 } })).toBe(hookJobName(run))
  const others = [
    { ...run, project: 'q' },
    { ...run, environment: 'f' },
    { ...run, fence: { epoch: 2, attempt: 1 } },
    { ...run, fence: { epoch: 1, attempt: 1, identity: '0a1b2c3d4e5f' } },
    { ...run, hook: { name: 'migrate', run: 2 } },
    { ...run, hook: { name: 'migrate-1', run: 1 } },
  ]
  expect(new Set([run, ...others].map(hookJobName)).size).toBe(others.length + 1)
})
