import { expect, test } from 'vitest'
import type { ComposeContent } from '../../../activities/compose/content.ts'
import { broughtBy, broughtByHook, goneServices } from '../../../activities/compose/inventory.ts'

const contentOf = (file: string | null, more: Partial<ComposeContent> = {}): ComposeContent => ({
  version: 1,
  registry: 'r.example',
  project: 'shop',
  file,
  services: [],
  overrides: {},
  expected: null,
  known: [],
  images: {},
  format: null,
  variables: {},
  secrets: [],
  ...more,
})

const shop = contentOf(
  `services:
  web: { image: x, depends_on: [api] }
  api: { image: x, depends_on: [db] }
  db: { image: x, profiles: [data], depends_on: [nobody] }
  migrate: { image: x, profiles: [once], depends_on: [db] }
  debug: { image: x, profiles: [debug] }
`,
  { expected: ['web'], known: ['web', 'api', 'db', 'migrate', 'debug'] },
)

test('what is brought up is what was asked for and all that it needs; what only a person starts is not', () => {
  expect(broughtBy(shop)).toEqual(['api', 'db', 'web'])
  expect(broughtByHook(shop, 'migrate')).toEqual(['db'])
  expect(broughtBy(contentOf(null))).toEqual([])
})

test('what is gone was brought up by any deployment, and the file does not have it', () => {
  const next = contentOf('services: { web: { image: x } }', { expected: ['web'], known: ['web'] })
  expect(goneServices(next, shop, [])).toEqual(['api', 'db'])
  expect(goneServices(next, next, ['side', 'web'])).toEqual(['side'])
  expect(goneServices(next, null, ['side'])).toEqual(['side'])
  expect(goneServices(next, { ...shop, project: 'other' }, [])).toEqual([])
  expect(goneServices(shop, next, ['db', 'debug'])).toEqual([])
})

test('of a placed file nothing is taken away', () => {
  expect(goneServices(contentOf(null), shop, ['side'])).toEqual([])
})
