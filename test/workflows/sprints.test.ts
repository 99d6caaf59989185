import { afterAll, beforeAll, expect, test } from 'vitest'
import { rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
const projects = ['overlap', 'commands', 'refs', 'aborted', 'deleted', 'rewritten', 'moved', 'features']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

async function begin(project: string, features: string[] = []): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await stage.runs('integration', `develop.${short('A')}`)
  expect(await stage.start('1.0.0', features)).toMatchObject({ ok: true })
  return { world, stage }
}

const waits = async (stage: Scene) => (await stage.sprint('1.0.0')).waits.map((wait) => wait.detail)
const says = (stage: Scene, words: string) =>
  until(
    () => waits(stage),
    (details) => details.some((detail) => detail.includes(words)),
  )
const took = (ask: () => Promise<{ ok: boolean }>) => until(ask, (answer) => answer.ok)

test.concurrent('one sprint integrates at a time; the next one starts once the first is cut', async ({ expect }) => {
  const { world, stage } = await begin('overlap')
  expect(await stage.start('1.0.0')).toMatchObject({ ok: false, reason: 'the sprint 1.0.0 is open already (integrating)' })
  expect(await stage.start('1.1.0')).toMatchObject({
    ok: false,
    reason: 'the sprint 1.0.0 is still integrating, and only one sprint integrates at a time',
    next: ['slipway cut 1.0.0', 'slipway abort 1.0.0'],
  })
  expect(await stage.start('1.0')).toMatchObject({ ok: false, reason: expect.stringContaining('a version of three numbers') })
  await took(() => stage.say('1.0.0', { kind: 'cut', without: [] }))
  await stage.phase('1.0.0', 'stabilising')
  await took(() => stage.start('1.1.0'))

  world.push('develop', 'B')
  world.push('release-1.0.0', 'C')
  await stage.hint()
  await stage.runs('integration', `develop.${short('B')}`)
  await stage.runs('alpha', `release-1.0.0.${short('C')}`)
  expect((await stage.environment('integration')).state.current?.version).toBe('1.1.0')
  expect((await stage.sprint('1.1.0')).state).toMatchObject({ phase: 'integrating', facts: { release: null } })
  expect((await stage.sprint('1.0.0')).state.facts.develop).toBeNull()

  world.refs.set('refs/tags/v1.2.0', rev('A'))
  await took(() => stage.say('1.1.0', { kind: 'abort', reason: 'not needed' }))
  await until(
    () => stage.start('1.2.0'),
    (answer) => !answer.ok && answer.reason.includes('is released'),
  )
})

test.concurrent('cut and tag, by command or by a pushed ref, end in the same state', async ({ expect }) => {
  const [commands, refs] = await Promise.all([begin('commands'), begin('refs')])
  const worth = async ({ stage }: { stage: Scene }) => {
    const { state, waits: reasons, next } = await stage.sprint('1.0.0')
    const { phase, release, features, facts, signedOff, asked } = state
    const ref = (fact: typeof facts.release) => fact && { name: fact.name, revision: fact.revision, build: fact.build }
    return {
      phase,
      release,
      features,
      facts: [ref(facts.release), ...facts.tags.map(ref)],
      signedOff: signedOff.map(({ environment, revision }) => [environment, revision]),
      asked: Object.entries(asked).map(([name, { id }]) => [name, id]),
      reasons: reasons.map((wait) => wait.detail),
      next,
    }
  }
  await took(() => commands.stage.say('1.0.0', { kind: 'cut', without: [] }))
  refs.world.refs.set('refs/heads/release-1.0.0', rev('A'))
  await refs.stage.hint()
  for (const { stage } of [commands, refs]) await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  for (const { stage } of [commands, refs]) await says(stage, 'QA signs it off or not')
  expect(await worth(refs)).toEqual(await worth(commands))
  expect(await commands.stage.say('1.0.0', { kind: 'cut', without: [] })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('its release branch is cut already'),
  })

  for (const { stage } of [commands, refs]) expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await took(() => commands.stage.say('1.0.0', { kind: 'tag', revision: null }))
  refs.world.refs.set('refs/tags/v1.0.0', rev('A'))
  await refs.stage.hint()
  for (const { stage } of [commands, refs]) await says(stage, 'v1.0.0 waits for approval on prod')
  expect(await worth(refs)).toEqual(await worth(commands))
  for (const { stage } of [commands, refs]) {
    await stage.approve('prod')
    await stage.phase('1.0.0', 'live')
  }
  expect(await worth(refs)).toEqual(await worth(commands))
  expect(Object.fromEntries(refs.world.names)).toEqual(Object.fromEntries(commands.world.names))
  expect(await commands.stage.assertHistories()).toEqual(
    new Set(['repository', 'sprint', 'build', 'environment', 'deployment', 'releasePage']),
  )
})

test.concurrent('abort in every phase leaves everything as it is, and the version can be started anew', async ({ expect }) => {
  const { world, stage } = await begin('aborted')
  const abort = async () => {
    const before = [[...world.refs], [...world.running]]
    expect(await stage.say('1.0.0', { kind: 'abort', reason: 'not needed' })).toMatchObject({
      ok: true,
      text: expect.stringContaining('stay as they are'),
    })
    await stage.handle.sprint('1.0.0').result()
    expect([[...world.refs], [...world.running]]).toEqual(before)
    await took(() => stage.start('1.0.0'))
  }
  await abort()
  await took(() => stage.say('1.0.0', { kind: 'cut', without: [] }))
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  await abort()
  // The release branch is there already: the sprint goes on from where the branch stands, on what runs on alpha.
  await stage.phase('1.0.0', 'stabilising')
  await says(stage, 'QA signs it off or not')
  await stage.signOff('alpha', 'pass')
  await took(() => stage.say('1.0.0', { kind: 'tag', revision: null }))
  await until(
    () => stage.environment('prod'),
    (view) => view.waits.some((wait) => wait.kind === 'approval'),
  )
  expect(await stage.say('1.0.0', { kind: 'abort', reason: 'not needed' })).toMatchObject({ ok: true })
  await stage.handle.sprint('1.0.0').result()
  await until(
    () => stage.start('1.0.0'),
    (answer) => !answer.ok && answer.reason === '1.0.0 is released: its tag v1.0.0 exists. Start the next version',
  )
  expect(world.applied.filter(({ environment }) => environment === 'prod')).toEqual([])
})

test.concurrent('a release branch that is deleted is held with the push that restores it, and goes on when it is there again', async ({
  expect,
}) => {
  const { world, stage } = await begin('deleted')
  await took(() => stage.say('1.0.0', { kind: 'cut', without: [] }))
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  world.refs.delete('refs/heads/release-1.0.0')
  await stage.hint()
  await says(stage, `release-1.0.0 is gone from the remote; git push <remote> ${rev('A')}:refs/heads/release-1.0.0 goes on`)
  expect(await stage.say('1.0.0', { kind: 'tag', revision: null })).toMatchObject({
    ok: false,
    reason: 'release-1.0.0 is not on the remote',
  })
  world.refs.set('refs/heads/release-1.0.0', rev('A'))
  await stage.hint()
  await says(stage, 'QA signs it off or not')
  world.push('release-1.0.0', 'B')
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${short('B')}`)
  expect(world.applied.filter(({ environment }) => environment === 'alpha')).toHaveLength(2)
})

test.concurrent('rewritten branches: the tip is deployed, what is merged is seen anew, sign-offs on what vanished lapse', async ({
  expect,
}) => {
  const { world, stage } = await begin('rewritten', ['feature/x'])
  const merged = (expected: boolean) =>
    until(
      () => stage.sprint('1.0.0'),
      ({ state }) => (state.features[0]?.merged !== null) === expected,
    )
  world.push('feature/x', 'X')
  world.push('develop', 'B', ['X'])
  await stage.hint()
  await merged(true)
  await stage.runs('integration', `develop.${short('B')}`)
  world.refs.set('refs/heads/develop', rev('A'))
  await stage.hint()
  await stage.runs('integration', `develop.${short('A')}`)
  await merged(false)
  expect(await stage.say('1.0.0', { kind: 'cut', without: [] })).toMatchObject({
    ok: false,
    reason: 'feature/x is listed for 1.0.0 and not in develop',
  })

  await took(() => stage.say('1.0.0', { kind: 'cut', without: ['feature/x'] }))
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  await stage.signOff('alpha', 'pass')
  await says(stage, 'is signed off; the release manager tags it')
  world.refs.delete('refs/heads/release-1.0.0')
  world.refs.set('refs/heads/release-1.0.0', rev('Z'))
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${short('Z')}`)
  expect(await stage.say('1.0.0', { kind: 'tag', revision: rev('A') })).toMatchObject({
    ok: false,
    reason: `${short('A')} is not signed off on alpha`,
  })
})

test.concurrent('a tag that is moved after it was asked for is an alarm, never a deployment', async ({ expect }) => {
  const { world, stage } = await begin('moved')
  await took(() => stage.say('1.0.0', { kind: 'cut', without: [] }))
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  await stage.signOff('alpha', 'pass')
  await took(() => stage.say('1.0.0', { kind: 'tag', revision: null }))
  await stage.reject('prod')
  await stage.phase('1.0.0', 'stabilising')
  world.push('release-1.0.0', 'B')
  world.refs.set('refs/tags/v1.0.0', rev('B'))
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${short('B')}`)
  await stage.signOff('alpha', 'pass')
  await says(stage, `alarm: v1.0.0 was asked for at ${short('A')} and was moved to ${short('B')}`)
  expect((await stage.sprint('1.0.0')).state.phase).toBe('stabilising')
  world.refs.set('refs/tags/v1.0.0', rev('A'))
  await stage.hint()
  await until(
    () => waits(stage),
    (details) => !details.some((detail) => detail.includes('alarm')),
  )
  expect(world.applied.filter(({ environment }) => environment === 'prod')).toEqual([])
})

test.concurrent('features are listed, seen merged, settled by a person, and left out by name', async ({ expect }) => {
  const { world, stage } = await begin('features', ['feature/a'])
  expect(await stage.say('1.0.0', { kind: 'addFeature', branch: '$(touch x)' })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('found "$(touch x)"'),
  })
  for (const branch of ['feature/b', 'feature/c', 'feature/d'])
    expect(await stage.say('1.0.0', { kind: 'addFeature', branch })).toMatchObject({ ok: true })
  world.push('feature/a', 'FA')
  world.push('feature/b', 'FB')
  world.squashed.add('feature/b')
  world.push('develop', 'B', ['FA'])
  await stage.hint()
  const { state } = await until(
    () => stage.sprint('1.0.0'),
    (view) => view.state.features.filter((feature) => feature.merged !== null).length === 2,
  )
  expect(state.features.map((feature) => feature.merged?.how ?? null)).toEqual(['merge', 'squash', null, null])
  expect(await stage.say('1.0.0', { kind: 'settleFeature', branch: 'feature/c', revision: rev('B') })).toMatchObject({ ok: true })
  expect(await stage.say('1.0.0', { kind: 'cut', without: [] })).toMatchObject({
    ok: false,
    reason: 'feature/d is listed for 1.0.0 and not in develop',
  })
  // Taken off and put back in one breath: the repository watches it again.
  await Promise.all([
    stage.say('1.0.0', { kind: 'removeFeature', branch: 'feature/d' }),
    stage.say('1.0.0', { kind: 'addFeature', branch: 'feature/e' }),
  ])
  world.push('feature/e', 'FE')
  world.push('develop', 'C', ['FE'])
  await until(
    () => stage.repository(),
    ({ sprints }) => sprints[0]?.features.includes('feature/e') === true,
  )
  await stage.hint()
  await until(
    () => stage.sprint('1.0.0'),
    (view) => view.state.features.every((feature) => feature.merged !== null),
  )
  expect(await stage.say('1.0.0', { kind: 'cut', without: [] })).toMatchObject({ ok: true })
})
