import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labUp } from '../../lab/up.ts'
import { environmentId } from '../../workflows/ids.ts'
import { approveUpdate, rejectUpdate, retryUpdate, signOffUpdate } from '../../workflows/messages.ts'
import { ANNE } from '../fakes/conversation.ts'
import { failsTransiently, rev, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

const short = (name: string) => rev(name).slice(0, 8)
const projects = ['rejected', 'signals', 'stock', 'denied', 'changed', 'replaced', 'early', 'unreachable']
const worlds = new Map(projects.map((project) => [project, new World(project)]))
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse([...worlds.values()])
})
afterAll(() => house.close())

/** A sprint whose release branch runs on alpha. */
async function onAlpha(project: string): Promise<{ world: World; stage: Scene }> {
  const world = worlds.get(project)!
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await stage.start('1.0.0')
  await until(
    () => stage.say('1.0.0', { kind: 'cut', without: [] }),
    (answer) => answer.ok,
  )
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  return { world, stage }
}

async function tagged(stage: Scene): Promise<void> {
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    (answer) => answer.ok,
  )
}

/** A sprint whose release waits for approval. */
async function awaiting(project: string) {
  const opened = await onAlpha(project)
  await tagged(opened.stage)
  const vote = await opened.stage.vote('prod')
  return { ...opened, vote }
}

const onProd = (world: World) => world.applied.filter(({ environment }) => environment === 'prod')
const denials = async (stage: Scene) =>
  (await stage.environment('prod')).state.entries.filter((entry) => entry.event === 'denied').map((entry) => entry.text)
const asked = (stage: Scene, request: string) =>
  until(
    () => stage.environment('prod'),
    ({ waits }) => waits.some((wait) => wait.kind === 'approval' && wait.request === request),
  )

test.concurrent('a rejected release goes back to stabilising; asked for again it has a new id and hash, and goes live', async ({
  expect,
}) => {
  const { world, stage, vote } = await awaiting('rejected')
  expect(vote.request).toBe('v1.0.0')
  expect(await stage.reject('prod')).toMatchObject({ ok: true })
  const { waits, next } = await stage.phase('1.0.0', 'stabilising')
  expect(waits.map((wait) => wait.detail)).toEqual(['v1.0.0 did not reach prod (rejected): rejected by anne (unverified): not today'])
  expect(next[0]).toBe('slipway retry prod')

  expect(await stage.retry('prod')).toMatchObject({ ok: true })
  await stage.phase('1.0.0', 'releasing')
  const again = await stage.vote('prod')
  expect(again.request).toBe('v1.0.0~2')
  expect(again.hash).not.toBe(vote.hash)
  const door = stage.handle.environment('prod')
  expect(await door.executeUpdate(approveUpdate, { args: [vote] })).toMatchObject({
    ok: false,
    reason: 'v1.0.0 is closed (rejected): rejected by anne (unverified): not today',
  })
  expect(onProd(world)).toEqual([])
  expect(await door.executeUpdate(approveUpdate, { args: [again] })).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  await stage.phase('1.0.0', 'live')
  expect((await stage.environment('prod')).state.current?.approval).toMatchObject({ request: 'v1.0.0~2', hash: again.hash, by: ANNE })
  await stage.assertHistories()
})

test.concurrent('approve and reject as Signals, malformed ones denied and recorded; changed code after a rejection takes the next tag', async ({
  expect,
}) => {
  const { world, stage, vote } = await awaiting('signals')
  const prod = stage.handle.environment('prod')
  const malformed = [
    undefined,
    null,
    'v1.0.0',
    42,
    [],
    {},
    { request: 7, hash: {}, by: [] },
    { request: 'v1.0.0' },
    { ...vote, by: '' },
    { ...vote, by: 'anne', hash: 'x' },
    { ...vote, by: { kind: 'automation', name: 'bot' } },
  ]
  for (const input of malformed) {
    await prod.signal('approve', ...(input === undefined ? [] : [input]))
    await prod.signal('reject', input)
  }
  await until(
    () => denials(stage),
    (texts) => texts.length === 2 * malformed.length,
  )
  expect(onProd(world)).toEqual([])
  await prod.signal('reject', { request: vote.request, hash: vote.hash, by: 'anne' })
  await until(
    () => denials(stage),
    (texts) => texts.some((text) => text.includes('a rejection needs a reason')),
  )
  await prod.signal('reject', { request: vote.request, hash: vote.hash, by: 'anne', reason: 'not today' })
  await stage.phase('1.0.0', 'stabilising')

  world.push('release-1.0.0', 'B')
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${short('B')}`)
  await tagged(stage)
  await asked(stage, 'v1.0.0-hotfix1')
  expect(world.refs.get('refs/tags/v1.0.0-hotfix1')).toBe(rev('B'))
  const { request, hash } = await stage.vote('prod')
  await prod.signal('approve', { request, hash, by: 'anne' })
  await stage.runs('prod', 'v1.0.0-hotfix1')
  await stage.phase('1.0.0', 'live')
  expect((await stage.environment('prod')).state.current?.approval?.by).toEqual(ANNE)
})

test.concurrent('the stock CLI approves and rejects, by Signal and by Update', async ({ expect }) => {
  const { world, stage, vote } = await awaiting('stock')
  const { temporal } = await labUp({ checkout: process.cwd(), parts: ['temporal'] })
  const run = async (...args: string[]) =>
    (
      await promisify(execFile)(temporal.binary, [
        'workflow',
        ...args,
        '--address',
        stage.address,
        '--workflow-id',
        environmentId('stock', 'prod'),
      ])
    ).stdout
  const input = (fields: object) => ['--input', JSON.stringify(fields)]
  const { request, hash } = vote

  const denied = await run(
    'update',
    'execute',
    '--name',
    'approve',
    ...input({ request, hash: 'f'.repeat(64), by: 'anne' }),
    '--output',
    'json',
  )
  expect(denied).toContain('has another hash')
  expect(await run('update', 'execute', '--name', 'approve', ...input({}), '--output', 'json')).toContain(
    'approve needs the name of a person',
  )
  expect(await run('update', 'execute', '--name', 'signOff', ...input({ verdict: 'maybe' }), '--output', 'json')).toContain(
    'signOff needs the name of a person',
  )
  expect(await run('update', 'execute', '--name', 'retry', '--output', 'json')).toContain('retry needs the name of a person')
  await run('signal', '--name', 'reject', ...input({ request, hash, by: 'anne', reason: 'not today' }))
  await stage.phase('1.0.0', 'stabilising')
  expect(await run('update', 'execute', '--name', 'retry', ...input({ by: 'anne' }), '--output', 'json')).toContain(
    'v1.0.0 is asked for again in prod',
  )
  const again = await stage.vote('prod')
  expect(onProd(world)).toEqual([])
  await run('signal', '--name', 'approve', ...input({ request: again.request, hash: again.hash, by: 'anne' }))
  await stage.runs('prod', 'v1.0.0')
  expect(
    (await stage.environment('prod')).state.entries.some((entry) => entry.event === 'approved' && entry.by === 'anne (unverified)'),
  ).toBe(true)
})

test.concurrent('whatever is malformed or does not fit is denied, whoever claims to be verified is not', async ({ expect }) => {
  const { world, stage, vote } = await awaiting('denied')
  const prod = stage.handle.environment('prod')
  for (const [change, words] of [
    [{ hash: 'f'.repeat(64) }, 'v1.0.0 has another hash'],
    [{ request: 'v9.9.9' }, 'v9.9.9'],
    [{ by: { kind: 'automation', name: 'bot' } }, 'needs the name of a person'],
    [{ by: null }, 'needs the name of a person'],
  ] as const) {
    for (const door of [approveUpdate, rejectUpdate])
      expect(await prod.executeUpdate(door, { args: [{ ...vote, ...change } as typeof vote] })).toMatchObject({
        ok: false,
        reason: expect.stringContaining(words),
      })
  }
  expect(await prod.executeUpdate(retryUpdate, { args: [null as never] })).toMatchObject({ ok: false })
  expect(await prod.executeUpdate(signOffUpdate, { args: ['pass' as never] })).toMatchObject({ ok: false })
  const sprint = stage.handle.sprint('1.0.0')
  for (const input of [
    null,
    {},
    { command: 'cut', by: ANNE },
    { command: { kind: 'destroy' }, by: ANNE },
    { command: { kind: 'cut', without: 'x' }, by: ANNE },
    { command: { kind: 'addFeature' }, by: ANNE },
    { command: { kind: 'tag' } },
  ])
    expect(await sprint.executeUpdate('command', { args: [input] })).toMatchObject({ ok: false })
  for (const input of [
    null,
    {},
    { version: 1 },
    { version: '1.0', features: 'x' },
    { version: '2.0.0', features: ['-rf'], by: ANNE },
    { version: '../x' },
  ])
    expect(await stage.handle.repository.executeUpdate('startSprint', { args: [input] })).toMatchObject({ ok: false })
  expect(onProd(world)).toEqual([])

  const long = 'x'.repeat(200_000)
  expect(
    await prod.executeUpdate(approveUpdate, { args: [{ ...vote, by: { kind: 'person', name: 'anne', verified: true }, reason: long }] }),
  ).toMatchObject({ ok: true })
  const { state } = await stage.runs('prod', 'v1.0.0')
  expect(state.current?.approval).toMatchObject({ by: { name: 'anne', verified: false } })
  expect(JSON.stringify(state).length).toBeLessThan(64 * 1024)
})

test.concurrent('an approval lapses when what would be deployed has changed since', async ({ expect }) => {
  const { world, stage, vote } = await awaiting('changed')
  world.overlays.set('prod', 'three replicas')
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  const { state } = await until(
    () => stage.environment('prod'),
    (view) => view.state.entries.some((entry) => entry.event === 'lapsed'),
  )
  expect(state.entries.find((entry) => entry.event === 'lapsed')?.text).toBe(
    'v1.0.0: its approval lapsed, what would be deployed is not what was approved: the manifests',
  )
  expect(onProd(world)).toEqual([])
  expect(await stage.handle.environment('prod').executeUpdate(approveUpdate, { args: [vote] })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('another hash'),
  })
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
})

test.concurrent('an approval lapses when what it would replace has changed; one that has not started can be taken back', async ({
  expect,
}) => {
  const { world, stage, vote } = await awaiting('replaced')
  const prod = stage.handle.environment('prod')
  const { candidate } = (await stage.environment('prod')).state.waiting[0]!.request
  const other = {
    id: 'v0.9.0',
    candidate,
    tag: 'v0.9.0',
    version: '0.9.0',
    by: { kind: 'automation', name: 'sprint 0.9.0' },
    at: Date.now(),
    rewritten: false,
  }
  await prod.signal('request', other)
  const { waits } = await asked(stage, 'v0.9.0')
  const approveOther = (hash: string | undefined) =>
    prod.executeUpdate(approveUpdate, { args: [{ request: 'v0.9.0', hash: hash ?? '', by: ANNE, reason: null }] })
  const held = world.hold('apply', ({ environment }: { environment: string }) => environment === 'prod')
  expect(await prod.executeUpdate(approveUpdate, { args: [vote] })).toMatchObject({ ok: true })
  await held.reached
  expect(await approveOther(waits.find((wait) => wait.request === 'v0.9.0')?.hash)).toMatchObject({ ok: true })
  const reasons = (await stage.environment('prod')).waits.map((wait) => wait.detail)
  expect(reasons).toEqual([
    expect.stringMatching(/^v1\.0\.0 is being deployed as epoch 1/),
    'v0.9.0 waits until v1.0.0 (epoch 1) has ended',
  ])
  held.release()
  await stage.runs('prod', 'v1.0.0')
  const { state } = await until(
    () => stage.environment('prod'),
    (view) => view.waits.some((wait) => wait.kind === 'approval'),
  )
  expect(state.entries.find((entry) => entry.event === 'lapsed')?.text).toBe(
    'v0.9.0: its approval lapsed, what it replaces has changed: the epoch it replaces (none when it was approved, 1 now)',
  )

  const rendering = world.hold('prepare', ({ environment }: { environment: string }) => environment === 'prod')
  const { hash } = await stage.vote('prod')
  expect(await approveOther(hash)).toMatchObject({ ok: true })
  await rendering.reached
  expect(await prod.executeUpdate(rejectUpdate, { args: [{ request: 'v0.9.0', hash, by: ANNE, reason: 'wait' }] })).toMatchObject({
    ok: true,
  })
  rendering.release()
  await until(
    () => stage.environment('prod'),
    (view) => view.state.waiting.length === 0,
  )
  expect(onProd(world).map(({ tag }) => tag)).toEqual(['v1.0.0'])
})

test.concurrent('a tag pushed by hand before the sign-off waits, and goes on by itself after it', async ({ expect }) => {
  const { world, stage } = await onAlpha('early')
  world.refs.set('refs/tags/v1.0.0', rev('A'))
  await stage.hint()
  const { waits } = await until(
    () => stage.sprint('1.0.0'),
    ({ state }) => state.facts.tags[0]?.build.status === 'built',
  )
  expect(waits.map((wait) => wait.detail)).toEqual([`v1.0.0 waits: ${short('A')} is not signed off on alpha`])
  expect((await stage.environment('prod')).state.waiting).toEqual([])
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await stage.phase('1.0.0', 'releasing')
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  expect(world.builds.filter((build) => build.startsWith('website'))).toHaveLength(1)
})

test.concurrent('what keeps an approved release from starting is told', async ({ expect }) => {
  const { world, stage } = await awaiting('unreachable')
  world.before = failsTransiently('prepare', 1, 'git does not answer')
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  const { waits } = await until(
    () => stage.environment('prod'),
    (view) => view.waits.some((wait) => wait.kind === 'retry'),
  )
  expect(waits.map((wait) => wait.detail)).toEqual(['v1.0.0 cannot begin yet and is tried again: git does not answer'])
  const told = await until(
    () => stage.sprint('1.0.0'),
    (view) => view.waits.some((wait) => wait.detail.includes('git does not answer')),
  )
  expect(told.waits.map((wait) => wait.detail)).toEqual(['v1.0.0 is approved and waits for prod: git does not answer'])
  await stage.runs('prod', 'v1.0.0')
})
