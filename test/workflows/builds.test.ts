import { afterAll, beforeAll, test } from 'vitest'
import { buildId } from '../../workflows/ids.ts'
import { buildQuery, retryBuildsUpdate } from '../../workflows/messages.ts'
import { ANNE } from '../fakes/conversation.ts'
import { failsTransiently, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
const projects = ['superseded', 'broken', 'away', 'unnamed', 'imported', 'plain', 'terminated']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

async function begin(project: string): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await stage.runs('integration', `develop.${short('A')}`)
  return { world, stage }
}

const buildOf = async (stage: Scene, name: string) => (await stage.repository()).builds.find((build) => build.revision === rev(name))

test.concurrent('pushes that come while another is built and deployed: the latest wins, with few builds', async ({ expect }) => {
  const { world, stage } = await begin('superseded')
  const building = world.hold('buildImage')
  world.push('develop', 'B')
  await stage.hint()
  await building.reached
  for (const name of ['C', 'D', 'E']) {
    world.push('develop', name)
    await stage.hint()
  }
  await until(
    () => stage.repository(),
    ({ develop }) => develop === rev('E'),
  )
  const applying = world.hold('apply')
  building.release()
  await applying.reached
  for (const name of ['F', 'G', 'H']) {
    world.push('develop', name)
    await stage.hint()
    await until(
      () => stage.repository(),
      ({ develop }) => develop === rev(name),
    )
  }
  await until(
    () => stage.environment('integration'),
    ({ waits }) => waits.some((wait) => wait.kind === 'queue' && wait.detail.includes('waits until')),
  )
  applying.release()
  await stage.runs('integration', `develop.${short('H')}`)

  // A and B were begun; of C, D, E only the last, while E was deployed F at once, and of G and H at most both.
  const built = world.builds.filter((build) => build.startsWith('website')).map((build) => build.split(' ')[1])
  expect(built).not.toContain(short('C'))
  expect(built).not.toContain(short('D'))
  expect(built.length).toBeLessThanOrEqual(6)
  expect(new Set(world.builds).size).toBe(world.builds.length)
  expect(world.builds.filter((build) => build.startsWith('api'))).toHaveLength(1)
  expect(world.applied.map(({ tag }) => tag).at(-1)).toBe(`develop.${short('H')}`)
  const { epoch } = (await stage.environment('integration')).state
  expect(world.applied.map((each) => each.epoch)).toEqual(Array.from({ length: epoch }, (_, index) => index + 1))
  await stage.assertHistories()
})

test.concurrent('a build that fails leaves the sprint alive: the next push is tried, and so is the same one when asked', async ({
  expect,
}) => {
  const { world, stage } = await begin('broken')
  await stage.start('1.0.0')
  world.broken.add(rev('B'))
  world.push('develop', 'B')
  await stage.hint()
  const { waits } = await until(
    () => stage.sprint('1.0.0'),
    (view) => view.waits.some((wait) => wait.kind === 'build' && wait.detail.includes('could not be built')),
  )
  expect(waits[0]?.detail).toBe(`develop.${short('B')} could not be built: COPY failed: no such file; push a fix or slipway retry`)
  expect(await buildOf(stage, 'B')).toMatchObject({ status: 'failed', log: expect.stringMatching(/^sha256:/) })
  expect((await stage.environment('integration')).state.current?.tag).toBe(`develop.${short('A')}`)

  world.broken.clear()
  const retry = () => stage.handle.repository.executeUpdate(retryBuildsUpdate, { args: [{ by: ANNE }] })
  expect(await retry()).toEqual({ ok: true, text: 'one build is tried again', revisions: [rev('B')] })
  await stage.runs('integration', `develop.${short('B')}`)
  expect(await retry()).toMatchObject({ ok: false, reason: 'no build failed that a branch or tag still points to' })

  world.broken.add(rev('C'))
  world.push('develop', 'C')
  await stage.hint()
  await until(
    () => buildOf(stage, 'C'),
    (build) => build?.status === 'failed',
  )
  world.push('develop', 'D')
  await stage.hint()
  await stage.runs('integration', `develop.${short('D')}`)
  expect((await stage.sprint('1.0.0')).state.phase).toBe('integrating')
  await stage.assertHistories()
})

test.concurrent('an engine that is away is waited for, with the reason', async ({ expect }) => {
  const { world, stage } = await begin('away')
  world.before = failsTransiently('buildImage', 2, 'the engine does not answer')
  world.push('develop', 'B')
  await stage.hint()
  const view = await until(
    () =>
      stage.client.workflow
        .getHandle(buildId('away', rev('B')))
        .query(buildQuery)
        .catch(() => null),
    (build) => build?.services.some((service) => service.retry !== null) === true,
  )
  expect(view?.services.find((service) => service.retry !== null)).toMatchObject({
    service: 'website',
    status: 'building',
    retry: { reason: 'the engine does not answer', attempt: 1 },
  })
  await stage.runs('integration', `develop.${short('B')}`)
})

test.concurrent('a registry that is away while images are named, and a remote that is away, are waited for with the reason', async ({
  expect,
}) => {
  const { world, stage } = await begin('unnamed')
  await stage.start('1.0.0')
  world.before = failsTransiently('nameImages', 2, 'the registry does not answer')
  world.push('develop', 'B')
  await stage.hint()
  const { waits } = await until(
    () => stage.sprint('1.0.0'),
    (view) => view.waits.some((wait) => wait.kind === 'retry'),
  )
  expect(waits[0]?.detail).toBe(
    `the images of develop.${short('B')} cannot be named yet, and it is tried again: the registry does not answer`,
  )
  await stage.runs('integration', `develop.${short('B')}`)
  world.before = failsTransiently('look', 1, 'the remote does not answer')
  world.push('develop', 'C')
  await stage.hint()
  await until(
    () => stage.repository(),
    ({ outage }) => outage?.reason === 'the remote does not answer',
  )
  await stage.runs('integration', `develop.${short('C')}`)
  expect((await stage.repository()).outage).toBeNull()
})

test.concurrent('many tags that appear at once are an import; a release branch without a sprint is built and not deployed', async ({
  expect,
}) => {
  const { world, stage } = await begin('imported')
  for (let index = 0; index < 60; index++) world.refs.set(`refs/tags/v0.${index}.0`, rev(`T${index}`))
  await stage.hint()
  await until(
    () => stage.repository(),
    ({ entries }) => entries.some((entry) => entry.event === 'imported'),
  )
  world.push('release-2.0.0', 'R')
  world.push('master', 'M')
  world.push('feature/x', 'F')
  await stage.hint()
  await until(
    () => stage.repository(),
    ({ refs }) =>
      ['release-2.0.0', 'master'].every((branch) => refs.some((tracked) => tracked.ref === `refs/heads/${branch}` && tracked.named)),
  )
  expect(world.builds.filter((build) => build.startsWith('website')).toSorted()).toEqual(
    ['A', 'M', 'R'].map((name) => `website ${short(name)}`).toSorted(),
  )
  expect(world.applied.map(({ environment }) => environment)).toEqual(['integration'])
})

test.concurrent('a tag that already names another image is refused, shown, and no image is moved', async ({ expect }) => {
  const { world, stage } = await begin('plain')
  world.names.set('eap/website:v9.0.0', 'sha256:other')
  world.refs.set('refs/tags/v9.0.0', rev('A'))
  await stage.hint()
  const { refs } = await until(
    () => stage.repository(),
    (state) => state.refs.some((tracked) => tracked.problem !== null),
  )
  expect(refs.find((tracked) => tracked.ref === 'refs/tags/v9.0.0')?.problem).toBe(
    'its images could not be named v9.0.0: eap/website:v9.0.0 names another image',
  )
  expect(world.names.get('eap/website:v9.0.0')).toBe('sha256:other')

  // Once the name is free again, a person's retry names the image.
  world.names.delete('eap/website:v9.0.0')
  expect(await stage.handle.repository.executeUpdate(retryBuildsUpdate, { args: [{ by: ANNE }] })).toMatchObject({ ok: true })
  await until(
    () => stage.repository(),
    (state) => state.refs.some((tracked) => tracked.ref === 'refs/tags/v9.0.0' && tracked.named),
  )
})

test.concurrent('a build that somebody terminates has failed, and can be asked for again', async ({ expect }) => {
  const { world, stage } = await begin('terminated')
  const held = world.hold('buildImage')
  world.push('develop', 'B')
  await stage.hint()
  await held.reached
  await stage.client.workflow.getHandle(buildId('terminated', rev('B'))).terminate('by hand')
  const build = await until(
    () => buildOf(stage, 'B'),
    (each) => each?.status === 'failed',
  )
  expect(build).toMatchObject({ reason: expect.stringContaining('the build workflow ended without a word') })
  held.release()
  await stage.handle.repository.executeUpdate(retryBuildsUpdate, { args: [{ by: ANNE }] })
  await stage.runs('integration', `develop.${short('B')}`)
})
