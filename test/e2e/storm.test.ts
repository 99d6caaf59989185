import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shortSha } from '../../domain/revision.ts'
import { ANNE } from '../fakes/conversation.ts'
import { until } from '../fakes/world.ts'
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
    expect((await epochs('integration')) - before).toBeLessThanOrEqual(handful)
    expect((await estate.repository()).builds.length).toBeLessThanOrEqual(handful)
    const { state } = await estate.environment('integration')
    for (const closed of state.closed) expect(closed.reason).toMatch(/was asked for after it|contains it already/)
  },
)

test('two sprints and a person at once: one state that is known, and everything on record', { timeout: 240_000 }, async () => {
  await team.pull('develop')
  await team.cut('1.0.0')
  await team.signedOffOnAlpha('1.0.0')
  await team.pull('develop')
  await writeFile(join(estate.sample.folder, 'api', 'VERSION'), '2.0.0\n')
  const tip = await team.push('develop', 'The next sprint')
  await estate.runs('integration', `develop.${shortSha(tip)}`, PATIENCE_MS)
  await team.cut('1.1.0')
  const before = await epochs('alpha')

  // Both push to their branches while a person goes back, again and again.
  const person = async () => {
    const answers = []
    for (let times = 0; times < 25 && answers.filter(({ ok }) => ok).length < 2; times++) {
      answers.push(await estate.rollback('alpha', before))
      await setTimeout(700)
    }
    return answers
  }
  const [one, two, answers] = await Promise.all([
    fixes('1.0.0', 'website/VERSION'),
    Promise.resolve().then(() => estate.say('1.1.0', { kind: 'tag', revision: null })),
    person(),
  ])
  expect(two).toMatchObject({ ok: false })
  expect(answers.filter(({ ok }) => ok).length).toBeGreaterThan(0)
  for (const answer of answers) if (!answer.ok) expect(answer.reason).toMatch(/is under way|runs .* already/)

  const { state } = await until(
    () => estate.environment('alpha'),
    ({ state: now }) => now.running === null && now.waiting.every(({ stage }) => stage.kind !== 'ready' && stage.kind !== 'preparing'),
    PATIENCE_MS,
  )
  // What the environment says is what the cluster has.
  const image = await estate.kubectl(
    '--namespace',
    `${PROJECT}-alpha`,
    'get',
    'deployment',
    'website',
    '--output',
    'jsonpath={.spec.template.spec.containers[0].image}',
  )
  const digest = state.current?.snapshot.candidate.images.find(({ service }) => service === 'website')?.digest
  expect(image).toContain(`@${digest}`)
  const fence = JSON.parse(
    await estate.kubectl('--namespace', `${PROJECT}-alpha`, 'get', 'configmap', `slipway-fence.${PROJECT}.alpha`, '--output', 'json'),
  ) as { data: { epoch: string } }
  expect(Number(fence.data.epoch)).toBe(state.epoch)
  expect(state.broken).toBe(false)
  // Every way back that was refused is on record as well.
  const refused = answers.filter(({ ok }) => !ok).length
  expect(state.entries.filter(({ event, by }) => event === 'denied' && by === `${ANNE.name} (unverified)`).length).toBeGreaterThanOrEqual(
    refused,
  )
  expect(one).toHaveLength(3)
})

async function fixes(version: string, file: string): Promise<string[]> {
  const revisions: string[] = []
  for (let number = 1; number <= 3; number++) revisions.push(await team.fix(version, file, `${version}-${number}\n`))
  return revisions
}
