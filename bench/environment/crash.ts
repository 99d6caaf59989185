import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deploymentId } from '../../workflows/ids.ts'
import { push } from '../life/release.ts'
import type { Led } from '../life/stage.ts'
import { seenIn } from '../history/events.ts'
import type { Bench } from '../measure/bench.ts'
import { measured } from '../measure/measured.ts'
import { watchAnswers } from '../silence.ts'
import { BRANCH, TARGETS, type Target } from '../ways/way.ts'
import type { CrashResult } from './results.ts'
import { deliver, ENVIRONMENT, placesOf, untilRestored } from './stage.ts'

type Round = { readonly back: number; readonly silent: number }

/** A version whose process ends at once is pushed; nobody does anything. How long until the one before serves again? */
export async function measureCrash(bench: Bench, led: Led): Promise<readonly CrashResult[]> {
  const { rounds, say, signal } = bench
  const found: Record<Target, Round[]> = { compose: [], kustomize: [] }
  for (let round = 0; round <= rounds; round++) {
    for (const target of TARGETS) {
      signal.throwIfAborted()
      const one = await crash(bench, led, target, round)
      if (round > 0) found[target].push(one)
      say(`crash: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${target} ${Math.round(one.back)} ms`)
    }
  }
  return TARGETS.map((target) => ({
    target,
    back: measured(found[target].map(({ back }) => back)),
    silent: measured(found[target].map(({ silent }) => silent)),
  }))
}

async function crash(bench: Bench, led: Led, target: Target, round: number): Promise<Round> {
  const good = `good ${target} ${round}`
  await deliver(led, target, good)
  const start = join(led.project.folder, 'website', 'start')
  const works = await readFile(start, 'utf8')
  await writeFile(start, '#!/bin/sh\necho "no configuration" >&2\nexit 1\n')
  const answers = watchAnswers(await placesOf(bench, led, target), good, bench.signal)
  const revision = await push(led, BRANCH[target], `crashing ${target} ${round}`)
  const epoch = await untilRestored(led, target, revision)
  const { longest } = await answers.end()
  await writeFile(start, works)
  await led.project.git('commit', '--quiet', '--all', '-m', 'It starts again')
  return { back: await backIn(led, target, epoch), silent: longest }
}

/** From the end of the apply that put the crashing version there until what ran before was verified once more. */
async function backIn({ client, project }: Led, target: Target, epoch: number): Promise<number> {
  const handle = client.workflow.getHandle(deploymentId(project.shape.name, ENVIRONMENT[target], epoch))
  const seen = seenIn(await handle.fetchHistory(), 0).filter(({ kind }) => kind === 'completed')
  const applied = seen.find(({ name }) => name === 'apply')?.at
  const verified = seen.findLast(({ name }) => name === 'verify')?.at
  if (applied === undefined || verified === undefined)
    throw new Error(`expected an apply and a verified restore in epoch ${epoch} of ${target}`)
  return verified - applied
}
