import { expect, test } from 'vitest'
import type { DeployDeps } from '../../../activities/deploy/activities.ts'
import { createReadFreeze } from '../../../activities/deploy/freeze.ts'
import { environmentHash, environmentSettings } from '../../../activities/estate.ts'
import type { FreezeEstate } from '../../../config/estate-freeze.ts'
import type { EnvironmentEstate } from '../../../config/estate-schema.ts'
import { estateOf } from '../git/support.ts'

const freeze: FreezeEstate = {
  timeZone: 'Europe/Berlin',
  rollbacks: 'held',
  windows: [
    {
      name: 'weekend',
      kind: 'deny',
      from: '2026-01-02T18:00',
      lasts: 'P2DT14H',
      repeat: 'FREQ=WEEKLY;BYDAY=FR',
      reason: 'nobody is there',
    },
  ],
}

/** The estate of the tests, with a freeze for its production. */
function frozen() {
  const estate = estateOf({ url: '/r.git' })
  const { shop } = estate.file.projects
  const prod: EnvironmentEstate = { ...shop!.environments['prod']!, freeze }
  const file = { ...estate.file, projects: { shop: { ...shop!, environments: { ...shop!.environments, prod } } } }
  return { ...estate, file }
}

const at = (estate: unknown, time: string) => createReadFreeze({ estate } as DeployDeps, () => Date.parse(time))
const prod = { project: 'shop', environment: 'prod' }

test('says whether it is frozen, by what, and until when as a clock there shows it', async () => {
  expect(await at(frozen(), '2026-11-28T12:00:00Z')(prod)).toEqual({
    open: false,
    windows: [{ name: 'weekend', kind: 'deny', reason: 'nobody is there' }],
    until: Date.parse('2026-11-30T07:00:00Z'),
    untilWords: '2026-11-30 08:00 Europe/Berlin',
    rollbacks: 'held',
  })
  expect(await at(frozen(), '2026-11-30T07:00:00Z')(prod)).toMatchObject({
    open: true,
    windows: [],
    until: Date.parse('2026-12-04T17:00:00Z'),
  })
  expect(await at(estateOf({ url: '/r.git' }), '2026-11-28T12:00:00Z')(prod)).toMatchObject({ open: true, until: null })
})

test('when nothing may begin changes nothing of what is approved, and is known to the rules', () => {
  const [without, estate] = [estateOf({ url: '/r.git' }), frozen()]
  const of = (each: typeof without) => each.file.projects['shop']!.environments['prod']!
  expect(environmentHash(estate, of(estate))).toBe(environmentHash(without, of(without)))
  expect(environmentSettings(estate, 'shop', 'prod')).toMatchObject({ freeze: { rollbacks: 'held' } })
  expect(environmentSettings(without, 'shop', 'prod')).not.toHaveProperty('freeze')
})
