import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../../client/dev/server.ts'
import { labUp } from '../../lab/up.ts'
import { freePort, type TemporalServer } from '../fakes/temporal-server.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from '../workflows/harness.ts'

/**
 * The database of `slipway dev` is saved in the middle of a sprint and lost later, as docs/backup.md has it: Temporal's own
 * server on SQLite, started as `slipway dev` starts it. What lies elsewhere, refs, images and what runs, goes on meanwhile.
 */

const world = new World('website')
const short = (name: string) => rev(name).slice(0, 8)
let folder: string
let env: Record<string, string>
let stage: Stage

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-backup-'))
  const { temporal } = await labUp({ checkout: process.cwd(), parts: ['temporal'] })
  env = { ...(process.env as Record<string, string>), SLIPWAY_TEMPORAL: temporal.binary }
})
afterAll(async () => {
  await stage?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

let server: TemporalServer | undefined

/** Server, then workers: the state folder is `.slipway`. */
async function start(): Promise<void> {
  const [port, uiPort] = await Promise.all([freePort(), freePort()])
  const child = await startServer({ folder: join(folder, '.slipway'), port, uiPort, namespace: 'default', env })
  if (child === null) throw new Error(`something answers at the port ${port} already`)
  server = { address: `127.0.0.1:${port}`, stop: async () => (child.end('SIGTERM'), void (await child.ended)) }
  stage = await openStage(world, server)
}

/** Workers, then server. */
async function stop(): Promise<void> {
  await stage.close()
  await server?.stop()
  server = undefined
}

const database = () => join(folder, '.slipway', 'temporal.db')
const lose = () => rm(join(folder, '.slipway'), { recursive: true })

/** What was saved takes the place of the whole folder: the write-ahead log of another database must not stay beside it. */
async function restore(saved: string): Promise<void> {
  await lose()
  await cp(join(folder, saved), join(folder, '.slipway'), { recursive: true })
}

test('a sprint waits for an approval; the database is copied while the server runs, and after it ended', { timeout: 120_000 }, async () => {
  await start()
  world.push('develop', 'A')
  world.push('master', 'A')
  await stage.begin()
  await stage.start('1.0.0')
  await stage.runs('integration', `develop.${short('A')}`)
  await stage.say('1.0.0', { kind: 'cut', without: [] })
  await stage.runs('alpha', `release-1.0.0.${short('A')}`)
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    ({ ok }) => ok,
  )
  await stage.vote('prod')

  await mkdir(join(folder, 'hot'))
  const open = new DatabaseSync(database(), { readOnly: true })
  await backup(open, join(folder, 'hot', 'temporal.db'))
  open.close()
  await stop()
  // The newest lies in the write-ahead log, also after the server has ended.
  await cp(join(folder, '.slipway'), join(folder, 'cold'), { recursive: true })
  const saved = new DatabaseSync(join(folder, 'hot', 'temporal.db'), { readOnly: true })
  expect(saved.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  saved.close()
})

test('what was decided after the backup is lost with the database, not what was done', { timeout: 120_000 }, async () => {
  await start()
  const vote = await stage.vote('prod')
  for (const name of ['B', 'C']) {
    world.push('develop', name)
    await stage.hint()
    await stage.runs('integration', `develop.${short(name)}`)
  }
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
  await stage.phase('1.0.0', 'live')
  expect(world.held.get('integration')).toMatchObject({ epoch: 3 })
  expect(world.held.get('prod')).toMatchObject({ epoch: 1 })
  await stop()

  await restore('hot')
  await start()
  // The request waits for its approval again, the same one, though its tag runs in prod by now.
  expect(await stage.vote('prod')).toEqual(vote)
  expect((await stage.sprint('1.0.0')).state.phase).toBe('releasing')
  expect((await stage.environment('prod')).state).toMatchObject({ epoch: 0, current: null })
  expect(world.running.get('prod')).toBe('v1.0.0')
})

test('the target refuses an epoch that is older than its own, and the environment goes on from there', { timeout: 120_000 }, async () => {
  // develop went on meanwhile; it is seen anew and handed over again.
  await stage.hint()
  const integration = await stage.runs('integration', `develop.${short('C')}`)
  expect(integration.state.epoch).toBe(4)
  expect(integration.state.entries).toContainEqual(expect.objectContaining({ event: 'epochFound' }))
  expect(world.held.get('integration')).toMatchObject({ epoch: 4 })

  // Approved once more; the target holds this very epoch, and gets the same once more.
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  expect((await stage.runs('prod', 'v1.0.0')).state.epoch).toBe(1)
  await stage.phase('1.0.0', 'live')
  // Nothing was built again: the registry has it.
  expect(new Set(world.builds).size).toBe(world.builds.length)

  expect(await stage.signOff('prod', 'pass')).toMatchObject({ ok: true })
  await until(
    () => stage.sprint('1.0.0'),
    ({ state: { signedOff } }) => signedOff.some(({ environment }) => environment === 'prod'),
  )
  expect(await stage.say('1.0.0', { kind: 'finish', mergedAs: null, target: null })).toMatchObject({ ok: true })
  await stage.phase('1.0.0', 'finished', 60_000)
  await stop()
})

test('a copy that was made with the server stopped does the same', { timeout: 120_000 }, async () => {
  await restore('cold')
  await start()
  expect((await stage.vote('prod')).request).toBe('v1.0.0')
  expect((await stage.sprint('1.0.0')).state.phase).toBe('releasing')
  await stop()
})

test('without a backup everything begins anew: what runs is adopted, and the sprint with it', { timeout: 180_000 }, async () => {
  await lose()
  await start()
  await stage.begin()
  // develop is handed over again, under the epoch after the target's; its images are found.
  const builds = world.builds.length
  const before = world.held.get('integration')?.epoch ?? 0
  const { state } = await stage.runs('integration', `develop.${world.refs.get('refs/heads/develop')!.slice(0, 8)}`, 60_000)
  expect(state.epoch).toBe(before + 1)
  expect(world.builds.length - builds).toBeLessThanOrEqual(2)
  expect((await stage.environment('prod')).state).toMatchObject({ epoch: 0, current: null, waiting: [] })
  await expect(stage.sprint('1.0.0')).rejects.toThrow()

  // A new sprint of a version that is tagged is refused; it is taken over instead.
  expect(await stage.start('1.0.0')).toMatchObject({ ok: false, reason: expect.stringContaining('1.0.0 is released') })
  const released = world.refs.get('refs/tags/v1.0.0')!
  for (const name of ['alpha', 'prod']) world.found.set(name, released)
  world.running.set('alpha', 'v1.0.0')
  expect(await stage.adopt('prod')).toMatchObject({ ok: true, text: 'v1.0.0 runs in prod and is epoch 1' })
  expect(await stage.open('1.0.0', 'adopt')).toMatchObject({ ok: true })
  await stage.phase('1.0.0', 'live', 60_000)

  // What follows is numbered after what the target knows.
  expect(await stage.say('1.0.0', { kind: 'hotfix' })).toMatchObject({ ok: true })
  world.push('release-1.0.0', 'A1')
  await stage.hint()
  await stage.runs('alpha', `release-1.0.0.${short('A1')}`, 60_000)
  expect((await stage.environment('alpha')).state.epoch).toBe(world.held.get('alpha')?.epoch)
  expect(await stage.signOff('alpha', 'pass')).toMatchObject({ ok: true })
  await until(
    () => stage.say('1.0.0', { kind: 'tag', revision: null }),
    ({ ok }) => ok,
  )
  expect(await stage.approve('prod')).toMatchObject({ ok: true })
  const prod = await stage.runs('prod', 'v1.0.0-hotfix1')
  expect(prod.state).toMatchObject({ epoch: 2, past: [{ epoch: 1, tag: 'v1.0.0', adopted: true }] })
  // What was adopted can be gone back to.
  expect(await stage.rollback('prod', 1)).toMatchObject({ ok: true })
  await stage.runs('prod', 'v1.0.0')
})
