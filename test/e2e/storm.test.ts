import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shortSha } from '../../domain/revision.ts'
import type { Entry } from '../../domain/timeline.ts'
import { ANNE } from '../fakes/conversation.ts'
import { until } from '../fakes/world.ts'
import { expectAgreement } from './agreement.ts'
import { openEstate, type Estate } from './estate.ts'
import { openTeam, type Team } from './team.ts'

/** Many want the same environments at once. */
let estate: Estate
let team: Team
const PROJECT = 'storm'
const PUSHES = 100
const WITHIN_MS = 10_000
const PATIENCE_MS = 120_000

beforeAll(async () => {
  estate = await openEstate(PROJECT, 30)
  team = openTeam(estate)
  await estate.worker.start()
})
afterAll(() => estate?.close())

const epochs = async (name: string) => (await estate.environment(name)).state.epoch

test(
  'a hundred pushes in ten seconds give a handful of builds and deployments, and end on the last one',
  { timeout: 240_000 },
  async () => {
    const first = await estate.git('rev-parse', 'HEAD')
    await estate.runs('integration', `develop.${shortSha(first)}`, PATIENCE_MS)
    const before = await epochs('integration')
    const commits: string[] = []
    for (let number = 1; number <= PUSHES; number++) {
      await writeFile(join(estate.sample.folder, 'website', 'VERSION'), `1.0.${number}\n`)
      await estate.git('commit', '--quiet', '--all', '-m', `push ${number}`)
      commits.push(await estate.git('rev-parse', 'HEAD'))
    }
    const began = Date.now()
    for (const [index, commit] of commits.entries()) {
      await estate.git('push', '--quiet', 'origin', `${commit}:refs/heads/develop`)
      const ahead = ((index + 1) * WITHIN_MS) / PUSHES - (Date.now() - began)
      if (ahead > 0) await setTimeout(ahead)
    }
    const took = Date.now() - began
    const last = await estate.git('rev-parse', 'HEAD')
    await estate.runs('integration', `develop.${shortSha(last)}`, PATIENCE_MS)
    expect(await estate.served('integration')).toContain(`1.0.${PUSHES}`)

    // Latest wins: what was pushed while another was built or deployed is skipped but for the newest. A slow machine pushes slower.
    const handful = 6 + Math.ceil(took / 1500)
    const built = new Set((await runsOf('build')).filter(({ began: at }) => at >= began).map(({ id }) => id))
    const deployed = (await runsOf('deployment', 'integration')).filter(({ began: at }) => at >= began)
    expect(built.size).toBeGreaterThan(0)
    expect(built.size).toBeLessThanOrEqual(handful)
    expect(deployed.length).toBe((await epochs('integration')) - before)
    expect(deployed.length).toBeLessThanOrEqual(handful)
    const { state } = await estate.environment('integration')
    for (const closed of state.closed) expect(closed.reason).toMatch(/was asked for after it|contains it already/)
  },
)

test('two sprints and a person at once: one state that is known, and everything on record', { timeout: 300_000 }, async () => {
  await team.pull('develop')
  await team.cut('1.0.0')
  await estate.runs('alpha', `release-1.0.0.${shortSha(await estate.git('rev-parse', 'origin/develop'))}`, PATIENCE_MS)
  await team.pull('develop')
  await writeFile(join(estate.sample.folder, 'api', 'VERSION'), '2.0.0\n')
  const tip = await team.push('develop', 'The next sprint')
  await estate.runs('integration', `develop.${shortSha(tip)}`, PATIENCE_MS)
  await team.cut('1.1.0')
  const ones = await fixes('1.0.0', 'website')
  const twos = await fixes('1.1.0', 'api')

  // Alpha is the older sprint's until that is signed off and tagged, and then the younger one's; both go on pushing.
  let isOver = false
  const [, , said] = await Promise.all([
    (async () => {
      await pushAll('1.0.0', ones.slice(0, 1))
      await signedOffInTheStorm('1.0.0', ones[0] ?? '')
      expect(await estate.say('1.0.0', { kind: 'tag', revision: null })).toMatchObject({ ok: true })
      await Promise.all([pushAll('1.0.0', ones.slice(1)), pushAll('1.1.0', twos.slice(2))])
      await untilAlphaRuns(twos.at(-1) ?? '')
      isOver = true
    })(),
    pushAll('1.1.0', twos.slice(0, 2)),
    person(() => isOver),
  ])

  const { state, waits } = await until(
    () => estate.environment('alpha'),
    ({ state: now }) => now.running === null && now.waiting.every(({ stage }) => stage.kind !== 'ready' && stage.kind !== 'preparing'),
    PATIENCE_MS,
  )
  expect(state).toMatchObject({ broken: false, current: { tag: tagOf('1.1.0', twos.at(-1)), version: '1.1.0' } })
  // What is not served waits for the other sprint, and says so.
  expect(state.waiting.map(({ request }) => request.tag)).toEqual([tagOf('1.0.0', ones.at(-1))])
  expect(waits).toMatchObject([{ kind: 'reserved', detail: expect.stringContaining('reserved by 1.1.0') }])

  await expectAgreement(estate, 'alpha')

  // One deployment for each epoch, each of both sprints, all of them at their end.
  const deployed = await runsOf('deployment', 'alpha')
  const byEpoch = deployed.map(({ id }) => Number(id.split('/').at(-1))).toSorted((a, b) => a - b)
  expect(byEpoch).toEqual(Array.from({ length: state.epoch }, (_, index) => index + 1))
  expect(deployed.map(({ status }) => status)).not.toContain('RUNNING')
  await alpha()
  const entries = [...record.values()]
  const started = entries.filter(({ event }) => event === 'started').map(({ text }) => text)
  expect(started).toHaveLength(state.epoch)
  for (const tag of [tagOf('1.0.0', ones[0]), tagOf('1.1.0', twos.at(-1))]) expect(started.join('\n')).toContain(tag)
  // Each way back that was taken, and each that was refused.
  const events = entries.filter(({ by }) => by === `${ANNE.name} (unverified)`).map(({ event }) => event)
  expect(said.taken).toBeGreaterThan(0)
  expect(events.filter((event) => event === 'rollback')).toHaveLength(said.taken)
  expect(events.filter((event) => event === 'denied').length).toBeGreaterThanOrEqual(said.refused.length)
  for (const reason of said.refused) expect(reason).toMatch(/is under way|runs .* already|is vetoed|never verified/)
})

/** What was on record at some time: the state keeps the newest entries only. */
const record = new Map<string, Entry>()

async function alpha() {
  const view = await estate.environment('alpha')
  for (const entry of view.state.entries) record.set(JSON.stringify(entry), entry)
  return view
}

const tagOf = (version: string, revision = '') => `release-${version}.${shortSha(revision)}`

/** Three fixes on the release branch of a sprint, which nobody has pushed yet. @returns their revisions */
async function fixes(version: string, service: string): Promise<string[]> {
  await team.pull(`release-${version}`)
  const revisions: string[] = []
  for (let number = 1; number <= 3; number++) {
    await writeFile(join(estate.sample.folder, service, 'VERSION'), `${version}-${number}\n`)
    await estate.git('commit', '--quiet', '--all', '-m', `fix ${number} of ${version}`)
    revisions.push(await estate.git('rev-parse', 'HEAD'))
  }
  return revisions
}

async function pushAll(version: string, revisions: readonly string[]): Promise<void> {
  for (const revision of revisions) {
    await estate.git('push', '--quiet', 'origin', `${revision}:refs/heads/release-${version}`)
    await setTimeout(800)
  }
}

/** Goes back to whatever ran there, until it took three times, or all is over; a while between, or nothing would ever be verified. */
async function person(isOver: () => boolean): Promise<{ taken: number; refused: string[] }> {
  const refused: string[] = []
  let taken = 0
  for (let times = 0; taken < 3 && !isOver(); times++) {
    const answer = await estate.rollback('alpha', 1 + (times % Math.max(1, await epochs('alpha'))))
    if (answer.ok) taken++
    else refused.push(answer.reason)
    await setTimeout(answer.ok ? 4000 : 700)
  }
  return { taken, refused }
}

/** What somebody went back from is vetoed: automation does not bring it again, and a person asks for it. */
async function untilAlphaRuns(revision: string): Promise<void> {
  await until(
    async () => {
      const { state } = await alpha()
      const runs = state.running === null && state.current?.snapshot.candidate.revision === revision
      if (!runs && state.running === null && state.waiting.every(({ stage }) => stage.kind === 'queued')) await estate.retry('alpha')
      return runs
    },
    Boolean,
    PATIENCE_MS,
  )
}

/** QA gives its word on what it looked at, which may have been replaced meanwhile. */
async function signedOffInTheStorm(version: string, revision: string): Promise<void> {
  await until(
    async () => {
      await untilAlphaRuns(revision)
      await estate.signOff('alpha', 'pass')
      return (await estate.sprint(version)).state.signedOff
    },
    (signed) => signed.some((each) => each.environment === 'alpha' && each.revision === revision),
    PATIENCE_MS,
  )
}

type Run = { readonly id: string; readonly began: number; readonly status: string }

/** All that Temporal knows to have begun, of this type and in this environment. */
async function runsOf(type: string, environment?: string): Promise<Run[]> {
  const runs: Run[] = []
  const where = environment === undefined ? '' : ` AND SlipwayEnvironment = "${environment}"`
  for await (const { workflowId, startTime, status } of estate.client.workflow.list({ query: `WorkflowType = "${type}"${where}` }))
    runs.push({ id: workflowId, began: startTime.getTime(), status: status.name })
  return runs
}
