import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../fakes/world.ts'
import { openEstate, type Estate } from './estate.ts'
import { openTeam, type Team } from './team.ts'

/**
 * A rollback, a hotfix and a merge-back, walked once as they are and once with a worker that is killed at every activity
 * boundary that the first walk's histories name: before the activity does anything, and after it has done all but say so.
 */
const PROJECT = 'mortal'
const PATIENCE_MS = 240_000
const kills = mkdtempSync(join(tmpdir(), 'slipway-kills-'))
let estate: Estate
let team: Team
const end = new AbortController()

beforeAll(async () => {
  for (const name of ['plan', 'hit']) writeFileSync(join(kills, name), '')
  estate = await openEstate(PROJECT, 32, {
    SLIPWAY_TEST_KILLS: kills,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'kill-hook.ts')}`,
  })
  team = openTeam(estate)
  await estate.worker.start()
  void reviveWorkers()
})
afterAll(async () => {
  end.abort()
  await estate.close()
  rmSync(kills, { recursive: true })
})

/** Another worker takes the place of one that has died. */
async function reviveWorkers(): Promise<void> {
  while (!end.signal.aborted) {
    await sleep(200)
    if (!end.signal.aborted && !isAlive(estate.worker.pid())) await estate.worker.start().catch(() => undefined)
  }
}

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid ?? 0, 0)
    return pid !== undefined
  } catch {
    return false
  }
}

test('killed at every boundary, it ends as without', { timeout: 1_500_000 }, async () => {
  await estate.runs('integration', `develop.${(await estate.git('rev-parse', 'develop')).slice(0, 8)}`, PATIENCE_MS)
  await ship('1.0.0')
  await team.confirm('1.0.0')
  await team.finish('1.0.0')
  await estate.phase('1.0.0', 'finished', PATIENCE_MS)

  await ship('1.1.0')
  const began = Date.now()
  const undisturbed = await walk('1.1.0')
  const boundaries = (await activitiesSince(began)).flatMap((place) => [`${place} before`, `${place} after`])
  expect(boundaries).toContain('mergeBack mergeInto after')
  expect(boundaries).toContain('deployment apply before')
  expect(boundaries.length).toBeGreaterThan(15)

  await ship('1.2.0')
  writeFileSync(join(kills, 'plan'), boundaries.join('\n'))
  const killed = await walk('1.2.0')
  const hit = readFileSync(join(kills, 'hit'), 'utf8').split('\n').filter(Boolean)
  expect(hit.toSorted()).toEqual(boundaries.toSorted())
  expect(killed).toEqual(undisturbed)
})

async function ship(version: string): Promise<void> {
  await team.pull('develop')
  await team.cut(version)
  await team.fix(version, 'website/VERSION', `${version}-rc\n`)
  await team.signedOffOnAlpha(version)
  await team.release(version)
}

/** Back to the release before, a hotfix, and its merge-back. @returns what came of it, without what differs by name */
async function walk(version: string): Promise<object> {
  const before = await counts()
  const { past } = (await estate.environment('prod')).state
  expect(await estate.rollback('prod', past[0]!.epoch)).toMatchObject({ ok: true })
  await estate.runs('prod', past[0]!.tag, PATIENCE_MS)
  await estate.phase(version, 'rolledBack', PATIENCE_MS)

  // A worker that dies while somebody waits is told as a failure; saying it again goes on.
  await until(() => estate.say(version, { kind: 'hotfix' }), isTakenOr('a hotfix of'), PATIENCE_MS)
  await team.fix(version, 'website/VERSION', `${version}-mended\n`)
  const tip = await estate.git('rev-parse', 'HEAD')
  await estate.runs('alpha', `release-${version}.${tip.slice(0, 8)}`, PATIENCE_MS)
  await team.signedOffOnAlpha(version)
  await until(() => estate.say(version, { kind: 'tag', revision: null }), isTakenOr('is being released already'), PATIENCE_MS)
  const tag = `v${version}-hotfix1`
  await until(
    () => estate.environment('prod'),
    ({ waits }) => waits.some(({ kind, request }) => kind === 'approval' && request === tag),
    PATIENCE_MS,
  )
  expect(await estate.approve('prod')).toMatchObject({ ok: true })
  await estate.runs('prod', tag, PATIENCE_MS)
  await estate.phase(version, 'live', PATIENCE_MS)
  await until(
    () => estate.served('prod').catch(String),
    (text) => text.includes(`${version}-mended`),
    30_000,
  )
  await team.confirm(version)
  await team.finish(version)
  const { state } = await estate.phase(version, 'finished', PATIENCE_MS)
  // Develop's merge is deployed before it is counted.
  await estate.git('fetch', '--quiet', '--tags', 'origin')
  await estate.runs('integration', `develop.${(await estate.git('rev-parse', 'origin/develop')).slice(0, 8)}`, PATIENCE_MS)
  expect(await team.contains('origin/develop', tag)).toBe(true)
  expect(await team.contains('origin/master', tag)).toBe(true)
  const after = await counts()
  return {
    targets: state.mergeBack?.targets.map(({ branch, status }) => [branch, status.kind]),
    grown: Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)])),
  }
}

function isTakenOr(words: string) {
  return (answer: { ok: boolean; reason?: string }) => answer.ok || answer.reason?.includes(words) === true
}

/** What must not happen twice, counted where it would show. */
async function counts(): Promise<Record<string, number>> {
  await estate.git('fetch', '--quiet', '--tags', '--prune', 'origin')
  const lines = async (...args: string[]) => (await estate.git(...args)).split('\n').filter(Boolean).length
  const epoch = async (name: string) => (await estate.environment(name)).state.epoch
  const generation = async (name: string) =>
    Number(
      await estate.kubectl(
        '--namespace',
        `${PROJECT}-${name}`,
        'get',
        'deployment',
        'website',
        '--output',
        'jsonpath={.metadata.generation}',
      ),
    )
  return {
    mergesOnDevelop: await lines('log', '--oneline', '--merges', '--first-parent', 'origin/develop'),
    mergesOnMaster: await lines('log', '--oneline', '--merges', '--first-parent', 'origin/master'),
    tags: await lines('tag'),
    hotfixBranches: await lines('branch', '--remotes', '--list', 'origin/hotfix/*'),
    mergeBackBranches: await lines('branch', '--remotes', '--list', 'origin/merge-back/*'),
    integrationEpoch: await epoch('integration'),
    alphaEpoch: await epoch('alpha'),
    prodEpoch: await epoch('prod'),
    alphaGeneration: await generation('alpha'),
    prodGeneration: await generation('prod'),
  }
}

/** Which activities of which workflows the histories name since then. */
async function activitiesSince(ms: number): Promise<string[]> {
  const places = new Set<string>()
  for await (const { workflowId, runId, type } of estate.client.workflow.list()) {
    const { events } = await estate.client.workflow.getHandle(workflowId, runId).fetchHistory()
    for (const event of events ?? []) {
      const name = event.activityTaskScheduledEventAttributes?.activityType?.name
      if (typeof name === 'string' && Number(event.eventTime?.seconds ?? 0) * 1000 >= ms) places.add(`${type} ${name}`)
    }
  }
  return [...places]
}
