import { expect } from 'vitest'
import { until, type World } from '../fakes/world.ts'
import type { Scene } from './harness.ts'

/** From develop's tip to prod, with a bugfix on the way. */
export async function release(stage: Scene, world: World, version: string): Promise<void> {
  await stage.start(version)
  await stage.hint()
  await stage.runs('integration', `develop.${world.refs.get('refs/heads/develop')!.slice(0, 8)}`)
  expect(await stage.say(version, { kind: 'cut', without: [] })).toMatchObject({ ok: true })
  await stage.runs('alpha', `release-${version}.${world.refs.get(`refs/heads/release-${version}`)!.slice(0, 8)}`)
  world.push(`release-${version}`, `bugfix of ${version}`)
  await stage.hint()
  await throughAlpha(stage, world, version)
  expect(await stage.say(version, { kind: 'tag', revision: null })).toMatchObject({ ok: true })
  await stage.approve('prod')
  await stage.runs('prod', `v${version}`)
  await stage.phase(version, 'live')
}

/** What is on the release branch runs on alpha and is signed off, and the sprint knows it. */
export async function throughAlpha(stage: Scene, world: World, version: string): Promise<void> {
  const tag = () => `release-${version}.${world.refs.get(`refs/heads/release-${version}`)!.slice(0, 8)}`
  await stage.runs('alpha', tag())
  await stage.signOff('alpha', 'pass')
  await until(
    () => stage.sprint(version),
    ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'alpha' && tag().endsWith(revision.slice(0, 8))),
  )
}

/** QA's word on prod, and the sprint knows it. */
export async function confirm(stage: Scene, version: string): Promise<void> {
  expect(await stage.signOff('prod', 'pass')).toMatchObject({ ok: true })
  const { current } = (await stage.environment('prod')).state
  await until(
    () => stage.sprint(version),
    ({ state }) =>
      state.signedOff.some(({ environment, revision }) => environment === 'prod' && revision === current?.snapshot.candidate.revision),
  )
}
