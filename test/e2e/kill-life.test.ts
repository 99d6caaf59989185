import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shortSha } from '../../domain/revision.ts'
import { openConversation } from '../fakes/conversation.ts'
import { until } from '../fakes/world.ts'
import { expectAgreement } from './agreement.ts'
import { openEstate, type Estate } from './estate.ts'
import { openMarkedHooks, type MarkedHooks } from './marked-hooks.ts'
import { openTeam, type Team } from './team.ts'
import { openKiller, type Killer } from './wire/killer.ts'

/**
 * A rollback, a hotfix and its merge-back, walked once undisturbed, and then with a SIGKILL at every boundary that the first
 * walk came by: where an activity has begun (what acts: is done, and nobody knows), and where its end was recorded. Every
 * deployment has hooks, which leave a mark each time they are run.
 */
let estate: Estate
let team: Team
let killer: Killer
let hooks: MarkedHooks
let unwatch: () => void = () => undefined
const made: string[] = []
const PROJECT = 'undying'
const VERSION = '1.0.0'
const MOST_WALKS = 3
const PATIENCE_MS = 240_000

beforeAll(async () => {
  const opened = await openEstate(PROJECT, 32)
  // A query that a dying worker took is asked again.
  const client = new Client({ connection: opened.client.connection, interceptors: { workflow: [{ query: patiently }] } })
  estate = { ...opened, ...openConversation(client, PROJECT), client }
  team = openTeam(estate)
  hooks = openMarkedHooks(estate)
  await hooks.forget()
  await hooks.configure()
  // What is compiled is kept by who ends in peace: the many that come then start faster.
  const compiled = { NODE_COMPILE_CACHE: join(estate.sample.folder, '..', 'compiled') }
  const first = estate.anotherWorker(compiled)
  await first.start()
  await first.stop()
  killer = await openKiller(estate.address, client.connection, (address) =>
    estate.anotherWorker({ ...compiled, TEMPORAL_ADDRESS: address }),
  )
  unwatch = watchContainers(estate)
  await killer.start()
  await team.cut(VERSION)
  await team.signedOffOnAlpha(VERSION)
  await team.release(VERSION)
  await team.fix(VERSION, 'website/VERSION', '1.0.1\n')
  await team.signedOffOnAlpha(VERSION)
  await team.release(VERSION)
  await team.confirm(VERSION)
  await team.finish(VERSION)
  await estate.phase(VERSION, 'finished', PATIENCE_MS)
  await settled()
  for (const environment of ['alpha', 'prod']) hooks.watch(environment)
})
afterAll(async () => {
  unwatch()
  hooks?.close()
  await killer?.close()
  await estate?.close()
})

test('what is killed at any boundary ends as what was not', { timeout: 900_000 }, async () => {
  killer.begin([])
  const undisturbed = await grown(() => walk(2))
  const boundaries = killer.boundaries()
  expect(boundaries.length).toBeGreaterThan(40)

  let missing = boundaries
  for (let hotfix = 3; missing.length > 0 && hotfix < 3 + MOST_WALKS; hotfix++) {
    killer.begin(missing)
    expect(await grown(() => walk(hotfix)), `hotfix ${hotfix}`).toEqual(undisturbed)
    missing = killer.missed()
  }
  expect(missing, `boundaries where the worker was never killed, of ${boundaries.length}`).toEqual([])
  for (const environment of ['integration', 'alpha', 'prod']) await expectAgreement(estate, environment)
})

/** Back to v1.0.0, and on to its next hotfix, until that is in every branch and develop's merge runs, too. */
async function walk(hotfix: number): Promise<void> {
  const tag = `v${VERSION}-hotfix${hotfix}`
  const text = `1.0.${hotfix}`
  killer.at('rollback')
  await said(
    () => estate.rollback('prod', 1),
    async () => (await estate.environment('prod')).state.current?.tag === `v${VERSION}`,
  )
  await estate.runs('prod', `v${VERSION}`, PATIENCE_MS)
  await serves('prod', '1.0.0')

  killer.at('hotfix')
  await said(
    () => estate.open(VERSION, 'hotfix'),
    async () => (await estate.sprint(VERSION)).state.phase !== 'finished',
  )
  await estate.phase(VERSION, 'rolledBack', PATIENCE_MS)
  await said(
    () => estate.say(VERSION, { kind: 'hotfix' }),
    async () => (await estate.sprint(VERSION)).state.hotfix !== null,
  )

  killer.at('push')
  const tip = await team.fix(VERSION, 'website/VERSION', `${text}\n`)
  await estate.runs('alpha', `release-${VERSION}.${shortSha(tip)}`, PATIENCE_MS)
  await signedOff('alpha', tip)

  killer.at('tag')
  await said(
    () => estate.say(VERSION, { kind: 'tag', revision: null }),
    async () => (await estate.sprint(VERSION)).state.facts.tags.some(({ name }) => name === tag),
  )
  await said(
    () => estate.approve('prod'),
    async () => (await estate.environment('prod')).state.running?.request.tag === tag,
  )
  await estate.runs('prod', tag, PATIENCE_MS)
  await estate.phase(VERSION, 'live', PATIENCE_MS)
  await serves('prod', text)
  await signedOff('prod', tip)

  killer.at('finish')
  await said(
    () => estate.say(VERSION, { kind: 'finish', mergedAs: null, target: null }),
    async () => (await estate.sprint(VERSION)).state.phase !== 'live',
  )
  await estate.phase(VERSION, 'finished', PATIENCE_MS)
  await settled()
  await serves('integration', text)
  expect(await mergesOf(tag)).toEqual({ develop: 1, master: 1 })
}

/** What a person says again until it took, or is seen to have taken. */
async function said(say: () => Promise<{ readonly ok: boolean }>, came: () => Promise<boolean>): Promise<void> {
  await until(async () => (await say()).ok || (await came()), Boolean, PATIENCE_MS)
}

async function signedOff(environment: string, tip: string): Promise<void> {
  await said(
    () => estate.signOff(environment, 'pass'),
    () => Promise.resolve(false),
  )
  await until(
    () => estate.sprint(VERSION),
    ({ state }) => state.signedOff.some((each) => each.environment === environment && each.revision === tip),
    PATIENCE_MS,
  )
}

/** Both branches are built and named as the remote has them, and integration runs develop. */
async function settled(): Promise<void> {
  await estate.git('fetch', '--quiet', 'origin')
  const [develop, master] = (await estate.git('rev-parse', 'origin/develop', 'origin/master')).split('\n')
  await until(
    () => estate.repository(),
    ({ refs }) =>
      refs.some(({ ref, revision, named }) => ref === 'refs/heads/develop' && revision === develop && named) &&
      refs.some(({ ref, revision, named }) => ref === 'refs/heads/master' && revision === master && named),
    PATIENCE_MS,
  )
  await estate.runs('integration', `develop.${shortSha(develop ?? '')}`, PATIENCE_MS)
}

/** By how much everything that may not be done twice grew on the way. */
async function grown(go: () => Promise<void>): Promise<Record<string, number>> {
  const before = await counts()
  await go()
  const after = await counts()
  return Object.fromEntries(Object.entries(after).map(([what, count]) => [what, count - (before[what] ?? 0)]))
}

async function counts(): Promise<Record<string, number>> {
  const refs = (await estate.git('ls-remote', 'origin')).split('\n').map((line) => line.split('\t')[1] ?? '')
  const epoch = async (name: string) => (await estate.environment(name)).state.epoch
  return {
    tags: refs.filter((ref) => /^refs\/tags\/[^^]+$/.test(ref)).length,
    branches: refs.filter((ref) => ref.startsWith('refs/heads/')).length,
    'epochs of prod': await epoch('prod'),
    'epochs of alpha': await epoch('alpha'),
    'epochs of integration': await epoch('integration'),
    'rollouts in prod': await rollouts('prod'),
    'rollouts in alpha': await rollouts('alpha'),
    'writes in prod': await writes('prod'),
    'writes in alpha': await writes('alpha'),
    'containers of integration': made.length,
    ...(await hooks.counts()),
    'commits on develop': await commits('develop'),
    'commits on master': await commits('master'),
  }
}

/** As the cluster counts them: each change of what is wished for, or of who applied it. */
async function writes(environment: string): Promise<number> {
  const namespace = ['--namespace', `${PROJECT}-${environment}`]
  return Number(await estate.kubectl(...namespace, 'get', 'deployment', 'website', '--output', 'jsonpath={.metadata.generation}'))
}

/** As the cluster counts them: pods of another template. */
async function rollouts(environment: string): Promise<number> {
  const namespace = ['--namespace', `${PROJECT}-${environment}`]
  const path = String.raw`jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}`
  return Number(await estate.kubectl(...namespace, 'get', 'deployment', 'website', '--output', path))
}

/** Every container that is made, as the engine tells it: also what is thrown away again. */
function watchContainers({ env }: Estate): () => void {
  const filters = [`label=com.docker.compose.project=${PROJECT}`, 'event=create', 'type=container'].flatMap((each) => ['--filter', each])
  const child = spawn(join(env.path, 'docker'), ['events', '--format', '{{.ID}}', ...filters], {
    env: { DOCKER_HOST: env.engine.dockerHost },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // By lines: what is written at once may arrive in pieces.
  createInterface(child.stdout).on('line', (id) => made.push(id))
  return () => void child.kill()
}

async function commits(branch: string): Promise<number> {
  await estate.git('fetch', '--quiet', '--tags', 'origin')
  return Number(await estate.git('rev-list', '--count', `origin/${branch}`))
}

/** How many merges on each branch say that they brought this tag. */
async function mergesOf(tag: string): Promise<Record<string, number>> {
  await estate.git('fetch', '--quiet', '--tags', 'origin')
  const count = async (branch: string) =>
    Number(
      await estate.git('rev-list', '--count', '--merges', '--first-parent', '--fixed-strings', '--grep', `'${tag}'`, `origin/${branch}`),
    )
  return { develop: await count('develop'), master: await count('master') }
}

function serves(environment: string, text: string): Promise<string> {
  return until(
    () => estate.served(environment).catch(String),
    (answer) => answer.includes(text),
    10_000,
  )
}

async function patiently<Input, Output>(input: Input, next: (input: Input) => Promise<Output>): Promise<Output> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await estate.client.withDeadline(Date.now() + 3000, () => next(input))
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
