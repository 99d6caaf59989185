import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../test/fakes/world.ts'
import { environmentId, repositoryId } from '../../workflows/ids.ts'
import { minus, plus, sizeOf, type Size } from '../history/size.ts'
import type { Led } from '../life/stage.ts'
import type { Bench } from '../measure/bench.ts'
import { changeAll } from '../project/create.ts'
import type { StormResult } from './results.ts'
import { PATIENCE_MS } from './stage.ts'

const PUSHES = 100
const WITHIN_MS = 10_000

/** A hundred pushes to develop in ten seconds, and what they cost until the last one is served; then a single one. */
export async function measureStorm({ say, signal }: Bench, led: Led): Promise<StormResult> {
  say(`storm: ${PUSHES} pushes in ${WITHIN_MS / 1000} s, and a single one`)
  const storm = await costOf(led, 'storm', PUSHES, signal)
  const single = await costOf(led, 'single', 1, signal)
  return { pushes: PUSHES, withinSeconds: WITHIN_MS / 1000, storm, single }
}

async function costOf(led: Led, name: string, pushes: number, signal: AbortSignal): Promise<StormResult['storm']> {
  const { project, talk } = led
  const revisions: string[] = []
  for (let number = 1; number <= pushes; number++) revisions.push(await changeAll(project, 'develop', `${name} ${number}`))
  const before = await stand(led)
  const began = Date.now()
  for (const [index, revision] of revisions.entries()) {
    signal.throwIfAborted()
    await project.git('push', '--quiet', 'origin', `${revision}:refs/heads/develop`)
    const ahead = ((index + 1) * WITHIN_MS) / PUSHES - (Date.now() - began)
    if (ahead > 0) await sleep(ahead)
  }
  const pushed = Date.now() - began
  await talk.runs('integration', `develop.${revisions.at(-1)?.slice(0, 8)}`, PATIENCE_MS)
  const settled = Date.now() - began - pushed
  const after = await stand(led)
  return {
    pushedMs: pushed,
    settledMs: settled,
    builds: after.builds - before.builds,
    deployments: after.epoch - before.epoch,
    activities: after.activities - before.activities,
    entities: minus(after.entities, before.entities),
  }
}

type Stand = {
  readonly builds: number
  readonly epoch: number
  readonly activities: number
  readonly entities: Size
}

/** Over all histories of the project, once the repository and the environment stand still. */
async function stand(led: Led): Promise<Stand> {
  const { client, project, talk } = led
  const { name } = project.shape
  const entities = async () =>
    (await Promise.all([repositoryId(name), environmentId(name, 'integration')].map((id) => sizeOf(client, id)))).reduce(plus)
  let last = await entities()
  await until(
    async () => {
      await sleep(1000)
      const now = await entities()
      const still = now.events === last.events
      last = now
      return still
    },
    Boolean,
    PATIENCE_MS,
  )
  let activities = 0
  let builds = 0
  for await (const { workflowId, runId } of client.workflow.list({ query: `SlipwayProject = "${name}"` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    activities += (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes).length
    if (workflowId.includes('/build/')) builds++
  }
  return { builds, epoch: (await talk.environment('integration')).state.epoch, activities, entities: last }
}
