import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { approveSignal, rollbackSignal } from '../../workflows/messages.ts'
import { until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'
import { confirm, release, throughAlpha } from './release.ts'

/** A release that is live, and what becomes of it: rolled back, mended by a hotfix, merged back. */
describe('after a release', () => {
  const world = new World('website')
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(world)
    world.push('develop', 'A')
    world.push('master', 'A')
    await stage.begin()
    await release(stage, world, '1.0.0')
  })
  afterAll(() => stage.close())

  test('a release that is bad is rolled back to the one before, without a build', async () => {
    await confirm(stage, '1.0.0')
    expect(await stage.say('1.0.0', { kind: 'finish', mergedAs: null, target: null })).toMatchObject({ ok: true })
    await stage.phase('1.0.0', 'finished')
    world.push('develop', 'B')
    await release(stage, world, '1.1.0')
    const built = world.builds.length

    const { state } = await stage.environment('prod')
    expect(await stage.rollback('prod', 99)).toMatchObject({ ok: false, kind: 'notFound' })
    expect(await stage.rollback('prod', state.epoch)).toMatchObject({ ok: false, reason: expect.stringContaining('already') })
    expect(await stage.rollback('prod', 1, null)).toMatchObject({ ok: false, reason: 'a rollback needs a reason' })
    expect(await stage.rollback('prod', 1)).toMatchObject({ ok: true, text: 'prod goes back to v1.0.0 (epoch 1)' })
    const back = await stage.runs('prod', 'v1.0.0')
    expect(back.state.current).toMatchObject({ epoch: 3, rollback: { fromTag: 'v1.1.0', reason: 'it is slow' } })
    expect(back.state.vetoes).toMatchObject([{ tag: 'v1.1.0' }])
    expect(world.running.get('prod')).toBe('v1.0.0')
    expect(world.builds).toHaveLength(built)
    const rolledBack = await stage.phase('1.1.0', 'rolledBack')
    expect(rolledBack.waits).toMatchObject([{ kind: 'rolledBack' }])
    expect(rolledBack.next).toContain('slipway hotfix 1.1.0')
    expect(await stage.rollback('prod', 2)).toMatchObject({ ok: false, reason: expect.stringContaining('vetoed') })
  })

  test('a hotfix goes by alpha to prod, and finishes', async () => {
    expect(await stage.say('1.1.0', { kind: 'finish', mergedAs: null, target: null })).toMatchObject({ ok: false })
    expect(await stage.say('1.1.0', { kind: 'hotfix' })).toMatchObject({ ok: true, text: expect.stringContaining('hotfix/v1.1.0-hotfix1') })
    expect(world.refs.has('refs/heads/hotfix/v1.1.0-hotfix1')).toBe(true)
    await stage.phase('1.1.0', 'hotfixing')
    world.push('release-1.1.0', 'B1')
    await stage.hint()
    await throughAlpha(stage, world, '1.1.0')
    expect(await stage.say('1.1.0', { kind: 'tag', revision: null })).toMatchObject({
      ok: true,
      text: expect.stringContaining('v1.1.0-hotfix1'),
    })
    await stage.approve('prod')
    await stage.runs('prod', 'v1.1.0-hotfix1')
    await stage.phase('1.1.0', 'live')
    await confirm(stage, '1.1.0')
    expect(await stage.say('1.1.0', { kind: 'finish', mergedAs: null, target: null })).toMatchObject({ ok: true })
    const finished = await stage.phase('1.1.0', 'finished')
    expect(finished.state.mergeBack?.targets.map(({ branch, status }) => [branch, status.kind])).toEqual([
      ['develop', 'done'],
      ['master', 'done'],
    ])
    for (const branch of ['develop', 'master']) {
      expect(world.contains(world.refs.get(`refs/heads/${branch}`)!, world.refs.get('refs/tags/v1.1.0-hotfix1')!)).toBe(true)
    }
  })

  test('a finished version takes a hotfix, too, while the next one stabilises on alpha, which it gets first', async () => {
    world.push('develop', 'C')
    await stage.start('1.2.0')
    await stage.hint()
    await stage.runs('integration', `develop.${world.refs.get('refs/heads/develop')!.slice(0, 8)}`)
    await stage.say('1.2.0', { kind: 'cut', without: [] })
    await until(
      () => stage.environment('alpha'),
      ({ state }) => state.current?.version === '1.2.0',
    )

    expect(await stage.open('1.1.0', 'hotfix')).toMatchObject({ ok: true })
    expect(await stage.say('1.1.0', { kind: 'hotfix' })).toMatchObject({ ok: true, text: expect.stringContaining('v1.1.0-hotfix2') })
    world.push('release-1.1.0', 'B2')
    await stage.hint()
    await until(
      () => stage.environment('alpha'),
      ({ state }) => state.current?.version === '1.1.0',
    )
    world.push('release-1.2.0', 'C1')
    await stage.hint()
    const held = await until(
      () => stage.environment('alpha'),
      ({ waits }) => waits.some(({ kind }) => kind === 'reserved'),
    )
    expect(held.waits.find(({ kind }) => kind === 'reserved')?.detail).toContain('reserved by 1.1.0 (hotfix)')
    expect((await stage.sprint('1.2.0')).waits.some(({ kind }) => kind === 'reserved')).toBe(true)

    await throughAlpha(stage, world, '1.1.0')
    await stage.say('1.1.0', { kind: 'tag', revision: null })
    await stage.approve('prod')
    await stage.runs('prod', 'v1.1.0-hotfix2')
    // The next one gets alpha back, with what it had there.
    await until(
      () => stage.environment('alpha'),
      ({ state }) => state.current?.version === '1.2.0' && state.running === null,
    )
  })

  test('what lacks what is live is held until somebody overrides that', async () => {
    await throughAlpha(stage, world, '1.2.0')
    await stage.say('1.2.0', { kind: 'tag', revision: null })
    const { waits } = await until(
      () => stage.environment('prod'),
      (view) => view.waits.some(({ kind }) => kind === 'lacks'),
    )
    const wait = waits.find(({ kind }) => kind === 'lacks')
    expect(wait?.detail).toContain('v1.2.0 lacks v1.1.0-hotfix2, 1 commit')
    expect((await stage.sprint('1.2.0')).waits.some(({ kind }) => kind === 'lacks')).toBe(true)
    expect(await stage.override('prod', 'v1.2.0', 'f'.repeat(64))).toMatchObject({ ok: false })
    expect(await stage.override('prod', 'v1.2.0', wait?.hash ?? '')).toMatchObject({ ok: true })
    await stage.approve('prod')
    await stage.runs('prod', 'v1.2.0')
    await stage.phase('1.2.0', 'live')
  })

  test('a rollback by a plain signal, which names the epoch, is taken and recorded', async () => {
    const before = (await stage.environment('prod')).state
    const target = before.past.find(({ tag }) => tag === 'v1.1.0-hotfix2')!
    await stage.handle.environment('prod').signal(rollbackSignal, { epoch: 77, by: 'anne', reason: 'it is slow' })
    await stage.handle.environment('prod').signal(rollbackSignal, {} as never)
    await stage.handle.environment('prod').signal(rollbackSignal, { epoch: target.epoch, by: 'anne', reason: 'it is slow' })
    const { state } = await stage.runs('prod', 'v1.1.0-hotfix2')
    expect(state.entries.filter(({ event }) => event === 'denied').length).toBeGreaterThanOrEqual(2)
    await stage.phase('1.2.0', 'rolledBack')
    // The same tag can be asked for again; it needs an approval again.
    expect(await stage.retry('prod')).toMatchObject({ ok: true })
    await stage.phase('1.2.0', 'releasing')
    const { waits } = await until(
      () => stage.environment('prod'),
      (view) => view.waits.some(({ kind }) => kind === 'lacks'),
    )
    expect(await stage.override('prod', 'v1.2.0~2', waits.find(({ kind }) => kind === 'lacks')?.hash ?? '')).toMatchObject({ ok: true })
    const vote = await stage.vote('prod')
    await stage.handle.environment('prod').signal(approveSignal, { request: vote.request, hash: vote.hash, by: 'anne' })
    await stage.phase('1.2.0', 'live')
    expect((await stage.environment('prod')).state.vetoes.map(({ tag }) => tag)).not.toContain('v1.2.0')
  })

  test('everything has a summary and is small', async () => {
    expect(await stage.assertHistories()).toContain('mergeBack')
  })
})
