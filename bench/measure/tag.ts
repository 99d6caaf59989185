import type { Client } from '@temporalio/client'
import { repositoryId } from '../../workflows/ids.ts'
import { seenIn } from '../history/events.ts'
import { readMarks } from '../history/marks.ts'
import type { BenchProject } from '../project/create.ts'
import type { TagResult } from '../results.ts'
import { runScript } from '../ways/by-hand.ts'
import type { Bench } from './bench.ts'
import { measured } from './measured.ts'
import type { Stage } from './stage.ts'
import { untilNamed } from './until-named.ts'

const TIMEOUT_MS = 60_000
const NO_CACHE = { BUILD_FLAGS: '--no-cache' }

/** From a tag to images of that name, by building and pushing them, and by naming what was built. */
export async function measureTag(bench: Bench, { temporal, pairs }: Stage): Promise<TagResult> {
  const { env, rounds, say, signal } = bench
  const pair = pairs.at(-1)
  if (pair === undefined) throw new Error('there is no project to tag')
  const byHand = pair.byHand.project
  const slipway = pair.slipway.project
  await Promise.all([byHand, slipway].map(({ git }) => git('checkout', '--quiet', 'develop')))
  const rebuiltCached: number[] = []
  const rebuilt: number[] = []
  const promoted: number[] = []
  const pushedToNamed: number[] = []
  say(`tag: ${rounds} tags, rebuilt by hand and promoted by Slipway`)
  for (let round = 1; round <= rounds; round++) {
    signal.throwIfAborted()
    const tag = `v9.0.${round}`
    const timed = async (variables: Record<string, string>, name: string) => {
      const began = Date.now()
      return readMarks((await runScript(env, byHand, ['images', name], variables)).stdout, began)['stored'] ?? Number.NaN
    }
    rebuiltCached.push(await timed({}, tag))
    const began = Date.now()
    await slipway.git('tag', tag)
    const [, named] = await Promise.all([
      slipway.git('push', '--quiet', 'origin', tag),
      untilNamed(env.registry.address, repositoriesOf(slipway), tag, { timeoutMs: TIMEOUT_MS, signal }),
    ])
    pushedToNamed.push(named - began)
    promoted.push(await lastNaming(temporal.client, slipway.shape.name, began))
    rebuilt.push(await timed(NO_CACHE, `${tag}-anew`))
  }
  return {
    services: pair.services,
    rebuiltCached: measured(rebuiltCached),
    rebuilt: measured(rebuilt),
    promoted: measured(promoted),
    pushedToNamed: measured(pushedToNamed),
  }
}

function repositoriesOf({ shape }: BenchProject): string[] {
  return shape.services.map((service) => `${shape.name}/${service}`)
}

/** How long the naming took that was begun after `began`, from being scheduled to being completed. */
async function lastNaming(client: Client, project: string, began: number): Promise<number> {
  const handle = client.workflow.getHandle(repositoryId(project))
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const seen = seenIn(await handle.fetchHistory(), began)
    const at = (kind: string) => seen.find((event) => event.kind === kind && event.name === 'nameImages')?.at
    const [scheduled, completed] = [at('scheduled'), at('completed')]
    if (scheduled !== undefined && completed !== undefined) return completed - scheduled
  }
  throw new Error(`the repository workflow of ${project} named nothing within ten seconds`)
}
