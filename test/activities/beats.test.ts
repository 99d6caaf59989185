import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEvidenceActivities, type EvidenceDeps } from '../../activities/evidence/activities.ts'
import { createHouseActivities, type HouseDeps } from '../../activities/house/activities.ts'
import { createIdentityActivities, type IdentityDeps } from '../../activities/identity/activities.ts'
import { estateOf } from './git/support.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const DIGEST = `sha256:${'0'.repeat(64)}` as const
const never = (): Promise<never> => new Promise(() => undefined)
const heartbeat = vi.fn()
const signal = new AbortController().signal
const deps = {
  attempt: () => ({ signal, heartbeat }),
  estate: estateOf({ url: '/nowhere.git' }),
  environment: {},
  stateFolder: '/nonexistent',
  store: { get: never, put: never },
  git: { readRefs: never },
  ensureEnvironment: never,
  keepSchedules: never,
}
const house = createHouseActivities(deps as unknown as HouseDeps)
const evidence = createEvidenceActivities(deps as unknown as EvidenceDeps)
const identity = createIdentityActivities(deps as unknown as IdentityDeps, never)

test.each([
  ['readLog', () => house.readLog({ digest: DIGEST, offset: 0 })],
  ['ensureEnvironments', () => house.ensureEnvironments({ project: 'shop' })],
  ['checkRepository', () => house.checkRepository({ project: 'shop' })],
  ['readContent', () => evidence.readContent({ digest: DIGEST, offset: 0 })],
  ['identify', () => identity.identify({ project: 'shop', signed: { statement: '', signature: '' }, who: 'anne' })],
] as const)('%s beats while what it asks does not answer', async (_, begin) => {
  heartbeat.mockClear()
  void begin()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(heartbeat.mock.calls.length).toBeGreaterThanOrEqual(5)
})
