import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { createForgeRepository, createForgeToken, type ForgeRepository } from '../../lab/forge-repository.ts'
import { lookSignal } from '../../workflows/messages.ts'
import { until } from '../fakes/world.ts'
import { openEstate, type Estate } from './estate.ts'
import { openTeam, type Team } from './team.ts'

/** The repository lies on a Gitea that lets nobody push to develop and master: what is merged back, people merge there. */
let estate: Estate
let team: Team
let forge: ForgeRepository
let tokenFile: string
let worksFor: Awaited<ReturnType<typeof createForgeToken>> | null = null
const PROJECT = 'forged'
const PATIENCE_MS = 90_000

beforeAll(async () => {
  estate = await openEstate(PROJECT, 34)
  team = openTeam(estate, () => estate.hint())
  forge = await createForgeRepository(estate.env, `e2e-${PROJECT}-${process.pid}`)
  tokenFile = join(estate.sample.folder, '..', 'forge-token')
  await moveToForge()
  await estate.worker.start()
})
afterAll(async () => {
  await estate?.close()
  await worksFor?.end()
  await forge?.remove()
})

test('a release waits in merge requests; a token that was taken back is named and holds nothing up', { timeout: 300_000 }, async () => {
  await team.cut('1.0.0')
  await team.fix('1.0.0', 'website/VERSION', '1.0.1\n')
  await team.signedOffOnAlpha('1.0.0')
  await team.release('1.0.0')
  await team.confirm('1.0.0')
  // Beside the commit that was released stands what became of it.
  const shown = await until(statuses, (seen) => seen['slipway/prod'] === 'success', PATIENCE_MS)
  expect(shown).toMatchObject({ 'slipway/build': 'success', 'slipway/alpha': 'success', 'slipway/prod': 'success' })

  await takeTokenBack()
  await team.finish('1.0.0')
  const refused = await mergeWaits(
    '1.0.0',
    (details) => details.filter((detail) => detail.includes('does not know the token')).length === 2,
  )
  for (const branch of ['develop', 'master']) {
    const wait = refused.find((detail) => detail.startsWith(`${branch} takes no push from Slipway`))
    expect(wait).toContain(`git push origin HEAD:refs/heads/${branch}`)
    expect(await estate.git('ls-remote', 'origin', `merge-back/v1.0.0-into-${branch}`)).not.toBe('')
  }
  expect(await openRequests()).toEqual([])

  await placeToken()
  await lookAgain('v1.0.0')
  await mergeWaits('1.0.0', (details) => details.filter((detail) => detail.includes(`${forge.repository}/pulls/`)).length === 2)
  const [intoDevelop, intoMaster] = await openRequests()
  expect(intoDevelop).toMatchObject({ base: 'develop', head: 'merge-back/v1.0.0-into-develop', title: 'Merge v1.0.0 into develop' })
  expect(intoMaster).toMatchObject({ base: 'master', head: 'merge-back/v1.0.0-into-master' })
  expect(await waitDetails('1.0.0')).toContainEqual(
    expect.stringContaining(`${estate.env.forge.url}/${forge.repository}/pulls/${intoDevelop?.number}.`),
  )

  await forge.merge(intoDevelop?.number ?? 0, 'merge')
  await estate.hint()
  await until(
    () => targets('v1.0.0'),
    (seen) => seen['develop'] === 'merge',
    PATIENCE_MS,
  )
  // Changed while it was reviewed, and squashed: git alone cannot tell that this is the release.
  await team.pull('merge-back/v1.0.0-into-master')
  await writeFile(join(estate.sample.folder, 'website/VERSION'), '1.0.1 as reviewed\n')
  await team.push('merge-back/v1.0.0-into-master', 'As the review wants it')
  await forge.merge(intoMaster?.number ?? 0, 'squash')
  await estate.hint()
  await estate.phase('1.0.0', 'finished', PATIENCE_MS)
  expect(await targets('v1.0.0')).toEqual({ develop: 'merge', master: 'person' })
  expect([await team.contains('origin/develop', 'v1.0.0'), await team.contains('origin/master', 'v1.0.0')]).toEqual([true, false])
  expect(await openRequests()).toEqual([])
})

test(
  'begun again after a rollback, the merge requests that are open are found; a person merges by hand',
  { timeout: 300_000 },
  async () => {
    expect(await estate.open('1.0.0', 'hotfix')).toMatchObject({ ok: true })
    expect(await estate.say('1.0.0', { kind: 'hotfix' })).toMatchObject({ ok: true })
    await team.fix('1.0.0', 'website/VERSION', '1.0.2\n')
    await team.signedOffOnAlpha('1.0.0')
    const hotfix = await team.release('1.0.0')
    expect(hotfix).toBe('v1.0.0-hotfix1')
    await team.confirm('1.0.0')
    await team.finish('1.0.0')
    const asked = await until(openRequests, (open) => open.length === 2, PATIENCE_MS)

    expect(await estate.rollback('prod', 1)).toMatchObject({ ok: true })
    await estate.phase('1.0.0', 'rolledBack', PATIENCE_MS)
    await until(
      () => targets(hotfix),
      (seen) => seen['develop'] === 'stopped',
    )
    expect(await estate.retry('prod')).toMatchObject({ ok: true })
    expect(await estate.approve('prod')).toMatchObject({ ok: true })
    await estate.phase('1.0.0', 'live', PATIENCE_MS)
    await team.finish('1.0.0')
    await mergeWaits('1.0.0', (details) => details.filter((detail) => detail.includes('/pulls/')).length === 2)
    expect(await openRequests()).toEqual(asked)

    await takeTokenBack()
    await lookAgain(hotfix)
    await mergeWaits('1.0.0', (details) =>
      details.every((detail) => detail.includes('cannot be read') && detail.includes('does not know the token')),
    )
    await forge.merge(asked[0]?.number ?? 0, 'merge')
    // Who may lift the protection follows the steps as they are printed.
    await forge.ask('DELETE', '/branch_protections/master')
    await byHand(hotfix, 'master')
    await estate.hint()
    await estate.phase('1.0.0', 'finished', PATIENCE_MS)
    for (const branch of ['origin/develop', 'origin/master']) expect(await team.contains(branch, hotfix), branch).toBe(true)
  },
)

/** Of what runs on prod, by context. */
async function statuses(): Promise<Record<string, string>> {
  const { current } = (await estate.environment('prod')).state
  const path = `/commits/${current?.snapshot.candidate.revision}/status`
  const { statuses: all } = (await forge.ask('GET', path)) as { statuses: { context: string; status: string }[] | null }
  return Object.fromEntries((all ?? []).map(({ context, status }) => [context, status]))
}

/** The sample as it is, pushed to the forge; its estate names the forge, and no host. */
async function moveToForge(): Promise<void> {
  const { GIT_CONFIG_KEY_0: key = '', GIT_CONFIG_VALUE_0: login = '' } = forge.gitEnvironment
  await estate.git('config', key, login)
  await estate.git('remote', 'set-url', 'origin', forge.url)
  await estate.git('push', '--quiet', 'origin', 'develop', 'develop:master')
  await forge.protect('develop', 'master')
  await placeToken()
  const value = parse(await readFile(estate.sample.estateFile, 'utf8')) as EstateText
  const { integration: _none, ...environments } = value.projects[PROJECT].environments
  value.projects[PROJECT] = {
    ...value.projects[PROJECT],
    repository: { url: forge.url, login: forge.login },
    forge: { gitea: { url: estate.env.forge.url, repository: forge.repository, token: { file: tokenFile } } },
    environments,
  }
  await writeFile(estate.sample.estateFile, stringify(value))
}

type EstateText = { projects: { [PROJECT]: { repository: object; forge?: object; environments: Record<string, object> } } }

async function placeToken(): Promise<void> {
  worksFor = await createForgeToken(estate.env, ['write:repository'])
  await writeFile(tokenFile, `${worksFor.token}\n`)
}

/** It looks by itself, after a minute at first; this is what it does then. */
function lookAgain(tag: string): Promise<void> {
  return estate.handle.mergeBack(tag).signal(lookSignal)
}

async function takeTokenBack(): Promise<void> {
  await worksFor?.end()
  worksFor = null
}

type Request = { readonly number: number; readonly base: string; readonly head: string; readonly title: string }

/** Of the forge's own word; develop's first. */
async function openRequests(): Promise<Request[]> {
  const open = (await forge.ask('GET', '/pulls?state=open&limit=50')) as (Omit<Request, 'base' | 'head'> &
    Record<'base' | 'head', { ref: string }>)[]
  return open
    .map(({ number, base, head, title }) => ({ number, base: base.ref, head: head.ref, title }))
    .toSorted((a, b) => a.base.localeCompare(b.base))
}

async function waitDetails(version: string): Promise<string[]> {
  return (await estate.sprint(version)).waits.filter(({ kind }) => kind === 'mergeBack').map(({ detail }) => detail)
}

function mergeWaits(version: string, holds: (details: readonly string[]) => boolean): Promise<string[]> {
  return until(
    () => waitDetails(version),
    (details) => details.length > 0 && holds(details),
    PATIENCE_MS,
  )
}

/** How each branch came to have it, or where it stands. */
async function targets(tag: string): Promise<Record<string, string>> {
  const picture = await estate.mergeBack(tag)
  return Object.fromEntries(picture.targets.map(({ branch, status }) => [branch, status.kind === 'done' ? status.how : status.kind]))
}

async function byHand(tag: string, branch: string): Promise<void> {
  const status = (await estate.mergeBack(tag)).targets.find((target) => target.branch === branch)?.status
  const steps = status?.kind === 'person' ? status.steps : []
  expect(steps.length).toBeGreaterThan(0)
  for (const step of steps) {
    const ran = await execa('sh', ['-c', step], { cwd: estate.sample.folder, reject: false })
    if (ran.exitCode === 0) continue
    // The hotfix and the squash that was edited changed the same line.
    await writeFile(join(estate.sample.folder, 'website/VERSION'), '1.0.2\n')
    await estate.git('add', '--all')
  }
}
