import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { permanent, transient } from '../../activities/failure.ts'
import { until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'
import { confirm, release } from './release.ts'

const FINISH = { kind: 'finish', mergedAs: null, target: null } as const

describe('a confirmed release goes back', () => {
  /** A project for each test. */
  const worlds = Array.from({ length: 12 }, (_, number) => new World(`website-${number}`))
  let house: Awaited<ReturnType<typeof openHouse>>
  let world: World
  let stage: Scene
  beforeAll(async () => {
    house = await openHouse(worlds)
  })
  afterAll(() => house.close())
  beforeEach(async () => {
    world = worlds.shift()!
    stage = house.stage(world)
    world.push('develop', 'A')
    world.push('master', 'A')
    await stage.begin()
    await release(stage, world, '1.0.0')
  })

  const isIn = (branch: string, tag = 'v1.0.0') =>
    world.contains(world.refs.get(`refs/heads/${branch}`)!, world.refs.get(`refs/tags/${tag}`)!)
  const waitsForPerson = (branch: string, why: string) =>
    until(
      () => stage.mergeBack('v1.0.0').catch(() => null),
      (seen) =>
        seen?.targets.some((target) => target.branch === branch && target.status.kind === 'person' && target.status.why === why) === true,
    )

  test('not before it is confirmed, once at a time, and into every branch', async () => {
    expect(await stage.say('1.0.0', FINISH)).toMatchObject({
      ok: false,
      reason: 'v1.0.0 is not signed off on prod; QA confirms it there first',
      next: ['slipway signoff prod --pass'],
    })
    await confirm(stage, '1.0.0')
    const held = world.hold('mergeInto')
    const [a, b] = await Promise.all([stage.say('1.0.0', FINISH), stage.say('1.0.0', FINISH)])
    expect([a.ok, b.ok].filter(Boolean)).toEqual([true])
    expect([a, b].find(({ ok }) => !ok)).toMatchObject({ reason: expect.stringContaining('is being merged back already') })
    held.release()
    const { state } = await stage.phase('1.0.0', 'finished')
    expect(state.mergeBack?.targets).toMatchObject([{ branch: 'develop' }, { branch: 'master' }])
    expect(isIn('develop') && isIn('master')).toBe(true)
    await until(
      () => stage.repository(),
      ({ sprints }) => sprints.length === 0,
    )
  })

  test('not while the release branch has later commits', async () => {
    await confirm(stage, '1.0.0')
    world.push('release-1.0.0', 'A1')
    await stage.hint()
    await stage.phase('1.0.0', 'hotfixing')
    expect(await stage.say('1.0.0', FINISH)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^release-1\.0\.0 has commits after v1\.0\.0; .*: [0-9a-f]{8} a late one$/),
    })
  })

  test('a conflict waits for a person, who merges by hand', async () => {
    world.conflicting.add('develop')
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    await waitsForPerson('develop', 'conflict')
    await until(() => isIn('master'), Boolean)
    const sprint = await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.length === 1 && waits.some(({ detail }) => detail.includes('conflicts')),
    )
    expect(sprint.waits).toMatchObject([
      { kind: 'mergeBack', detail: 'v1.0.0 conflicts with develop in index.html. A person merges it: git merge v1.0.0' },
    ])
    expect(sprint.next[0]).toBe('slipway finish 1.0.0 --target develop --merged-as SHA')
    expect(world.refs.has('refs/heads/merge-back/v1.0.0-into-develop')).toBe(true)

    world.push('develop', 'solved', ['A'])
    world.parents.set(world.refs.get('refs/heads/develop')!, [world.refs.get('refs/tags/v1.0.0')!])
    await stage.hint()
    await stage.phase('1.0.0', 'finished')
  })

  test('a squash that git cannot tell is told by a person; what is not there is not believed', async () => {
    world.conflicting.add('develop')
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    await waitsForPerson('develop', 'conflict')
    await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.some(({ detail }) => detail.includes('conflicts')),
    )
    const squash = world.push('develop', 'squashed')
    expect(await stage.say('1.0.0', { ...FINISH, mergedAs: 'HEAD' })).toMatchObject({ ok: false })
    expect(await stage.say('1.0.0', { ...FINISH, mergedAs: squash, target: 'nowhere' })).toMatchObject({ ok: false, kind: 'notFound' })
    expect(await stage.say('1.0.0', { ...FINISH, mergedAs: 'f'.repeat(40) })).toMatchObject({ ok: true })
    await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.some(({ detail }) => detail.includes('does not contain ffffffff')),
    )
    expect(await stage.say('1.0.0', { ...FINISH, mergedAs: squash })).toMatchObject({ ok: true })
    const { state } = await stage.phase('1.0.0', 'finished')
    expect(state.mergeBack?.targets[0]?.status).toMatchObject({ kind: 'done', how: 'person' })
  })

  test('where there is a forge a merge request waits, and its squash counts', async () => {
    world.protectedBranches.add('master')
    world.mergeRequests = new Map()
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    const sprint = await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.some(({ detail }) => detail.includes('merge-requests/1')),
    )
    expect(sprint.waits.find(({ detail }) => detail.includes('master'))?.detail).toContain('master takes no push from Slipway')
    const squash = world.push('master', 'squash of the merge request')
    world.mergeRequests.set(1, { ...world.mergeRequests.get(1)!, state: 'merged', mergedAs: squash })
    await stage.hint()
    await stage.phase('1.0.0', 'finished')
    expect(world.mergeRequests.size).toBe(1)
  })

  test('a forge that is away or refuses holds nothing up', async () => {
    world.protectedBranches.add('develop')
    world.before = (activity) => {
      if (activity === 'openMergeRequest') throw permanent('Refused', 'the forge refuses the token')
    }
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    await until(() => isIn('master'), Boolean)
    await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.some(({ detail }) => detail.includes('no merge request: the forge refuses the token')),
    )
  })

  test('a remote that is away is tried again, with its reason', async () => {
    let away = true
    world.before = (activity) => {
      if (activity === 'mergeInto' && away) throw transient('the remote does not answer')
    }
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    await until(
      () => stage.sprint('1.0.0'),
      ({ waits }) => waits.some(({ kind, detail }) => kind === 'retry' && detail.includes('does not answer')),
    )
    away = false
    await stage.phase('1.0.0', 'finished')
  })

  test('a rollback in the middle stops what is not pushed, and what is pushed stays', async () => {
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    await stage.phase('1.0.0', 'finished')
    world.push('develop', 'B')
    await release(stage, world, '1.1.0')
    await confirm(stage, '1.1.0')
    world.before = (activity, input) => {
      if (activity === 'mergeInto' && (input as { target: string }).target === 'master') throw transient('the remote does not answer')
    }
    await stage.say('1.1.0', FINISH)
    await until(() => isIn('develop', 'v1.1.0'), Boolean)
    expect(await stage.rollback('prod', 1)).toMatchObject({ ok: true })
    const back = await stage.phase('1.1.0', 'rolledBack')
    const stopped = await until(
      () => stage.mergeBack('v1.1.0'),
      ({ stopped }) => stopped !== null,
    )
    expect(stopped.targets.map(({ branch, status }) => `${branch} ${status.kind}`)).toEqual(['develop done', 'master stopped'])
    expect(isIn('master', 'v1.1.0')).toBe(false)
    const told = await until(
      () => stage.sprint('1.1.0'),
      ({ state }) => state.entries.some(({ event }) => event === 'mergeStopped'),
    )
    expect(told.state.entries.map(({ text }) => text)).toContain('v1.1.0 is in develop')
    expect(back.state.phase).toBe('rolledBack')

    // The same tag once more: it needs an approval, then it is finished with what is missing.
    world.before = () => undefined
    expect(await stage.retry('prod')).toMatchObject({ ok: true })
    await stage.approve('prod')
    await stage.phase('1.1.0', 'live')
    await until(async () => (await stage.say('1.1.0', FINISH)).ok || (await confirm(stage, '1.1.0'), false), Boolean)
    await stage.phase('1.1.0', 'finished')
    expect(isIn('master', 'v1.1.0')).toBe(true)
  })

  test('a younger release branch gets it, too, and needs a new sign-off', async () => {
    world.push('develop', 'B')
    await stage.start('1.1.0')
    await stage.hint()
    await stage.runs('integration', `develop.${world.refs.get('refs/heads/develop')!.slice(0, 8)}`)
    await stage.say('1.1.0', { kind: 'cut', without: [] })
    const first = world.refs.get('refs/heads/release-1.1.0')!
    await stage.runs('alpha', `release-1.1.0.${first.slice(0, 8)}`)
    await stage.signOff('alpha', 'pass')
    await until(
      () => stage.sprint('1.0.0'),
      ({ state }) => state.facts.younger?.includes('release-1.1.0') === true,
    )
    await confirm(stage, '1.0.0')
    await stage.say('1.0.0', FINISH)
    const { state } = await stage.phase('1.0.0', 'finished')
    expect(state.mergeBack?.targets.map(({ branch }) => branch)).toEqual(['develop', 'master', 'release-1.1.0'])
    const merged = world.refs.get('refs/heads/release-1.1.0')!
    expect(merged).not.toBe(first)
    await stage.runs('alpha', `release-1.1.0.${merged.slice(0, 8)}`)
    expect(await stage.say('1.1.0', { kind: 'tag', revision: null })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is not signed off on alpha'),
    })
  })
})
