import { until } from '../../test/fakes/world.ts'
import { cut, push } from '../life/release.ts'
import { openLifeStage, type Led } from '../life/stage.ts'
import type { Bench } from '../measure/bench.ts'
import { nodePlaces } from '../node-ports.ts'
import type { Place } from '../served.ts'
import { expectOk } from '../ways/slipway.ts'
import { BRANCH, composePlaces, type Target } from '../ways/way.ts'

export const PATIENCE_MS = 120_000
export const ENVIRONMENT: Readonly<Record<Target, string>> = { compose: 'integration', kustomize: 'alpha' }

/** A project whose integration is deployed by compose at every push to develop, and alpha by kustomize at every push to its release branch. */
export async function openEnvironmentStage(bench: Bench): Promise<Led> {
  const { kustomize: led } = await openLifeStage(bench)
  const tip = (await led.project.git('rev-parse', '--short=8', 'develop')).trim()
  await led.talk.runs('integration', `develop.${tip}`, PATIENCE_MS)
  await expectOk(led.talk.start('1.0.0'))
  await cut(led, '1.0.0')
  await led.talk.runs('alpha', `release-1.0.0.${tip}`, PATIENCE_MS)
  return led
}

export async function placesOf(bench: Bench, { project }: Led, target: Target): Promise<readonly Place[]> {
  return target === 'compose' ? composePlaces(project) : await nodePlaces(bench.env, project.shape)
}

/** Pushes a version to the branch that feeds the target, and waits until that runs there, verified. */
export async function deliver(led: Led, target: Target, text: string): Promise<void> {
  const revision = await push(led, BRANCH[target], text)
  await led.talk.runs(ENVIRONMENT[target], `${BRANCH[target]}.${revision.slice(0, 8)}`, PATIENCE_MS)
}

/** Waits until the revision was given up there and what ran before runs again. @returns the epoch of the deployment that failed */
export async function untilRestored(led: Led, target: Target, revision: string): Promise<number> {
  const { state } = await until(
    () => led.talk.environment(ENVIRONMENT[target]),
    ({ state: now }) => now.parked?.request.candidate.revision === revision && now.running === null,
    PATIENCE_MS,
  )
  const { parked } = state
  if (parked?.target !== 'restored' || parked.epoch === null)
    throw new Error(`expected a restored ${target}, found ${JSON.stringify(parked)}`)
  return parked.epoch
}
