import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageActivities } from '../../../activities/image/activities.ts'
import type { ImageDeps } from '../../../activities/image/workshop.ts'
import { createRegistry } from '../../../activities/registry/client.ts'
import { labUp } from '../../../lab/up.ts'
import { guarded, type Fake } from '../registry/fake.ts'
import { onLab, type OnLab } from './lab.ts'

/** The lab's real registry behind a door that wants a password; the engine and Slipway both have to come through it. */

const PASSWORD = 'canary-91c4'
const signal = new AbortController().signal
let door: Fake
let lab: OnLab
let revision: string

beforeAll(async () => {
  const { registry } = await labUp({ checkout: process.cwd(), parts: ['engine', 'registry', 'images'] })
  door = await guarded(registry.address, 'ci', PASSWORD)
  lab = await onLab({ registry: door.address })
  revision = await lab.git.commit({
    'slipway.yaml': `project: website\nservices:\n  web: { image: ${lab.prefix}/web }\n`,
    Dockerfile: 'ARG BASE\nFROM $BASE\nCOPY . /\n',
  })
}, 600_000)
afterAll(async () => {
  await lab.remove()
  await door.close()
})

function activitiesWith(password: string | null) {
  const credentials = password === null ? {} : { credentials: { username: { env: 'CI_USER' }, password: { env: 'CI_PASSWORD' } } }
  const environment = { PATH: process.env['PATH'], CI_USER: 'ci', ...(password === null ? {} : { CI_PASSWORD: password }) }
  const registry = createRegistry({ address: door.address, plainHttp: true, ...credentials }, { environment, readFile: async () => '' })
  const deps: ImageDeps = { ...lab.deps, environment, registry }
  return createImageActivities(deps)
}

const buildWith = async (password: string | null) =>
  await activitiesWith(password).buildImage({ project: 'website', revision, service: 'web', inputs: '0'.repeat(64) })

test('a wrong password is permanent', { timeout: 60_000 }, async () => {
  const failure = (await buildWith('wrong-91c4').catch((error: unknown) => error)) as Error
  expect(failure).toMatchObject({ type: 'Refused', nonRetryable: true, message: expect.stringContaining('registry.credentials') })
  expect(String(failure.stack)).not.toContain('91c4')
})

test('no login where one is wanted is permanent', { timeout: 60_000 }, async () => {
  await expect(buildWith(null)).rejects.toMatchObject({ type: 'Refused', message: expect.stringContaining('estate.yaml gives none') })
})

test('with the right one it is built and pushed, and the password is nowhere', { timeout: 60_000 }, async () => {
  const image = await buildWith(PASSWORD)
  expect(image.reused).toBe(false)
  const log = (await lab.deps.store.get(image.log?.digest ?? '', signal)).toString()
  expect([JSON.stringify(image), log, ...lab.lines].join('\n')).not.toContain('91c4')
  expect(log).toContain('Successfully built')
})
