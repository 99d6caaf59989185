import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { shortSha } from '../../domain/revision.ts'
import { until } from '../fakes/world.ts'
import type { Estate } from './estate.ts'

export type Team = ReturnType<typeof openTeam>

const PATIENCE_MS = 90_000
const FINISH = { kind: 'finish', mergedAs: null, target: null } as const

/**
 * What a team does on an estate, a step a call, each waited for until it has come through.
 *
 * @param afterPush says that something was pushed, where the remote has no hook that does
 */
export function openTeam(estate: Estate, afterPush: () => Promise<void> = () => Promise.resolve()) {
  const { git } = estate

  /** The branch as the remote has it, checked out. */
  async function pull(branch: string): Promise<void> {
    await git('fetch', '--quiet', '--tags', 'origin')
    await git('checkout', '--quiet', '-B', branch, `origin/${branch}`)
  }

  /** @returns the revision that was pushed */
  async function push(branch: string, message: string): Promise<string> {
    await git('add', '--all')
    await git('commit', '--quiet', '-m', message)
    await git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)
    await afterPush()
    return git('rev-parse', 'HEAD')
  }

  async function fix(version: string, file: string, text: string): Promise<string> {
    await pull(`release-${version}`)
    await writeFile(join(estate.sample.folder, file), text)
    return push(`release-${version}`, `${file} is ${text.trim()}`)
  }

  async function replaceIn(file: string, from: string, to: string): Promise<void> {
    const path = join(estate.sample.folder, file)
    await writeFile(path, (await readFile(path, 'utf8')).replace(from, to))
  }

  async function cut(version: string): Promise<void> {
    expect(await estate.start(version)).toMatchObject({ ok: true })
    await git('fetch', '--quiet', 'origin')
    const tip = await git('rev-parse', 'origin/develop')
    await until(
      () => estate.sprint(version),
      ({ state }) => state.facts.develop?.revision === tip,
      PATIENCE_MS,
    )
    expect(await estate.say(version, { kind: 'cut', without: [] })).toMatchObject({ ok: true })
  }

  /** The release branch's tip is what alpha runs, and QA says yes. @returns its revision */
  async function signedOffOnAlpha(version: string): Promise<string> {
    await git('fetch', '--quiet', 'origin')
    const tip = await git('rev-parse', `origin/release-${version}`)
    await estate.runs('alpha', `release-${version}.${shortSha(tip)}`, PATIENCE_MS)
    expect(await estate.signOff('alpha', 'pass')).toMatchObject({ ok: true })
    await until(
      () => estate.sprint(version),
      ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'alpha' && revision === tip),
    )
    return tip
  }

  /** Tagged, approved and live. @returns the tag */
  async function release(version: string): Promise<string> {
    expect(await estate.say(version, { kind: 'tag', revision: null })).toMatchObject({ ok: true })
    const { request } = await estate.vote('prod')
    expect(await estate.approve('prod')).toMatchObject({ ok: true })
    await estate.runs('prod', request, PATIENCE_MS)
    await estate.phase(version, 'live')
    return request
  }

  async function confirm(version: string): Promise<void> {
    expect(await estate.signOff('prod', 'pass')).toMatchObject({ ok: true })
    await until(
      () => estate.sprint(version),
      ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'prod' && revision === state.release?.revision),
    )
  }

  async function finish(version: string): Promise<void> {
    expect(await estate.say(version, FINISH)).toMatchObject({ ok: true })
  }

  async function contains(branch: string, what: string): Promise<boolean> {
    await git('fetch', '--quiet', '--tags', 'origin')
    const { exitCode } = await execa('git', ['-C', estate.sample.folder, 'merge-base', '--is-ancestor', what, branch], { reject: false })
    return exitCode === 0
  }

  return { pull, push, fix, replaceIn, cut, signedOffOnAlpha, release, confirm, finish, contains }
}
