import { until } from '../../test/fakes/world.ts'
import { changeAll } from '../project/create.ts'
import { expectOk } from '../ways/slipway.ts'
import type { Led } from './stage.ts'

const PATIENCE_MS = 120_000

/** A version's whole way from a push to develop until it is live in prod. */
export async function ship(led: Led, version: string, text: string): Promise<void> {
  await push(led, 'develop', text)
  await expectOk(led.talk.start(version))
  await cut(led, version)
  await toProd(led, version)
}

/** Changes the project, and pushes. @returns the revision */
export async function push({ project }: Led, branch: string, text: string): Promise<string> {
  const revision = await changeAll(project, branch, text)
  await project.git('push', '--quiet', 'origin', branch)
  return revision
}

/** The release branch at develop's tip, on the remote and in the clone. */
export async function cut({ project, talk }: Led, version: string): Promise<void> {
  const tip = await revisionOf(project, 'develop')
  await until(
    () => talk.sprint(version),
    ({ state }) => state.facts.develop?.revision === tip,
    PATIENCE_MS,
  )
  await expectOk(talk.say(version, { kind: 'cut', without: [] }))
  await project.git('fetch', '--quiet', 'origin')
  await project.git('branch', '--quiet', `release-${version}`, `origin/release-${version}`)
}

/** From the release branch's tip on alpha to its tag on prod. */
export async function toProd({ project, talk }: Led, version: string): Promise<void> {
  const tip = await revisionOf(project, `release-${version}`)
  await talk.runs('alpha', `release-${version}.${tip.slice(0, 8)}`, PATIENCE_MS)
  await signOff({ talk }, 'alpha', version, tip)
  await expectOk(talk.say(version, { kind: 'tag', revision: null }))
  await expectOk(talk.approve('prod'))
  await talk.runs('prod', `v${version}`, PATIENCE_MS)
  await talk.phase(version, 'live', PATIENCE_MS)
}

/** QA confirms prod, and somebody types `slipway finish`. @returns milliseconds from that until the sprint is finished */
export async function finish({ project, talk, cli }: Led, version: string): Promise<number> {
  await signOff({ talk }, 'prod', version, await revisionOf(project, `release-${version}`))
  const begun = Date.now()
  await cli('finish', version)
  await talk.phase(version, 'finished', PATIENCE_MS)
  const took = Date.now() - begun
  // What was merged is in develop: the next push goes on from there.
  await project.git('fetch', '--quiet', '--tags', 'origin')
  await project.git('checkout', '--quiet', '-B', 'develop', 'origin/develop')
  return took
}

async function signOff({ talk }: Pick<Led, 'talk'>, environment: string, version: string, revision: string): Promise<void> {
  await expectOk(talk.signOff(environment, 'pass'))
  await until(
    () => talk.sprint(version),
    ({ state }) => state.signedOff.some((signed) => signed.environment === environment && signed.revision === revision),
    PATIENCE_MS,
  )
}

async function revisionOf({ git }: Led['project'], branch: string): Promise<string> {
  return (await git('rev-parse', branch)).trim()
}
