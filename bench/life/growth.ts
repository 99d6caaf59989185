import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { buildId, deploymentId, environmentId, repositoryId, sprintId } from '../../workflows/ids.ts'
import { minus, NOTHING, plus, sizeOf, type Size } from '../history/size.ts'
import type { Bench } from '../measure/bench.ts'
import { median } from '../statistics.ts'
import { expectOk } from '../ways/slipway.ts'
import { cut, finish, push, toProd } from './release.ts'
import { KINDS, type HistoryResult, type Kind } from './results.ts'
import type { Led } from './stage.ts'

type Growth = { readonly found: Pick<HistoryResult, 'pushes' | 'sprint'>; readonly finishes: readonly number[] }
type Costs = Readonly<Record<Kind, Size>>

const VERSION = '1.0.0'
const RELEASE = `release-${VERSION}`
const ENVIRONMENTS = ['integration', 'alpha', 'prod']
const PATIENCE_MS = 60_000

/** One sprint from its start until it is finished, with pushes to develop and to its release branch counted one by one. */
export async function measureGrowth(bench: Bench, led: Led): Promise<Growth> {
  bench.say(`history: a sprint with ${bench.rounds} pushes to develop and ${bench.rounds} to its release branch`)
  const { project, talk } = led
  await talk.runs('integration', `develop.${(await project.git('rev-parse', '--short=8', 'develop')).trim()}`, PATIENCE_MS)
  await expectOk(talk.start(VERSION))
  const develop = await costsOf(bench, led, 'develop', 'integration')
  await cut(led, VERSION)
  const release = await costsOf(bench, led, RELEASE, 'alpha')
  await toProd(led, VERSION)
  const took = await finish(led, VERSION)
  await untilQuiet(led)
  return { found: { pushes: [develop, release], sprint: await sizesOf(led) }, finishes: [took] }
}

/** The first push is not counted: it also brings what is there only once. */
async function costsOf({ rounds, signal }: Bench, led: Led, branch: string, environment: string): Promise<HistoryResult['pushes'][number]> {
  const each: Costs[] = []
  for (let round = 0; round <= rounds; round++) {
    signal.throwIfAborted()
    const before = await untilQuiet(led)
    const revision = await push(led, branch, `${branch} ${round}`)
    const { state } = await led.talk.runs(environment, `${branch}.${revision.slice(0, 8)}`, PATIENCE_MS)
    const after = await untilQuiet(led)
    if (round === 0) continue
    const name = led.project.shape.name
    each.push({
      ...NONE,
      repository: minus(after.repository, before.repository),
      environment: minus(after.environment, before.environment),
      sprint: minus(after.sprint, before.sprint),
      build: await sizeOf(led.client, buildId(name, revision)),
      deployment: await sizeOf(led.client, deploymentId(name, environment, state.current?.epoch ?? 0)),
    })
  }
  const middle = (kind: Kind, what: keyof Size) => Math.round(median(each.map((costs) => costs[kind][what])))
  const costs = KINDS.map((kind) => ({ kind, events: middle(kind, 'events'), bytes: middle(kind, 'bytes') }))
  return { branch, pushes: rounds, costs: costs.filter(({ events }) => events > 0) }
}

const NONE: Costs = {
  repository: NOTHING,
  build: NOTHING,
  environment: NOTHING,
  deployment: NOTHING,
  sprint: NOTHING,
  'merge-back': NOTHING,
}

/** The histories that go on, once none of them has grown for a while. */
async function untilQuiet({ client, project }: Led): Promise<Pick<Costs, 'repository' | 'environment' | 'sprint'>> {
  const { name } = project.shape
  const read = async () => {
    const [repository, sprint, ...environments] = await Promise.all(
      [repositoryId(name), sprintId(name, VERSION), ...ENVIRONMENTS.map((each) => environmentId(name, each))].map((id) =>
        sizeOf(client, id),
      ),
    )
    return { repository: repository ?? NOTHING, sprint: sprint ?? NOTHING, environment: environments.reduce(plus, NOTHING) }
  }
  for (let last = await read(); ;) {
    await sleep(400)
    const now = await read()
    if (JSON.stringify(now) === JSON.stringify(last)) return now
    last = now
  }
}

async function sizesOf({ client, project }: Led): Promise<HistoryResult['sprint']> {
  const sizes = (await idsOf(client, project.shape.name)).map(async (id) => ({ kind: kindOf(id), size: await sizeOf(client, id) }))
  const all = await Promise.all(sizes)
  return KINDS.map((kind) => {
    const own = all.filter((each) => each.kind === kind)
    return { kind, workflows: own.length, ...own.map(({ size }) => size).reduce(plus, NOTHING) }
  })
}

async function idsOf(client: Client, name: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { workflowId } of client.workflow.list({ query: `SlipwayProject = "${name}"` })) ids.push(workflowId)
  return ids
}

/** By the forms of the ids; see workflows/ids.ts. */
export function kindOf(workflowId: string): Kind {
  const [, , part = '', , epoch] = workflowId.split('/')
  if (part === 'env') return epoch === undefined ? 'environment' : 'deployment'
  const kind = KINDS.find((each) => each === part)
  if (kind === undefined) throw new Error(`expected the id of a workflow of a project, found "${workflowId}"`)
  return kind
}
