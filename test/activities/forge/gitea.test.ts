import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CommitStatus } from '../../../activities/forge/forge.ts'
import { createGitea } from '../../../activities/forge/gitea.ts'
import type { LabEnv } from '../../../lab/env.ts'
import { createForgeRepository, createForgeToken, type ForgeRepository } from '../../../lab/forge-repository.ts'
import { labUp } from '../../../lab/up.ts'
import { keepsTheContract, signal, type World } from './contract.ts'

/** A real Gitea: a repository whose develop and master nobody may push to. */
let env: LabEnv
let team: ForgeRepository
let clone: string
let token: string

const git = (...args: string[]) =>
  execFileSync('git', ['-C', clone, '-c', 'user.name=alice', '-c', 'user.email=alice@team.example', ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, ...team.gitEnvironment },
  }).trim()

beforeAll(async () => {
  env = await labUp({ checkout: join(import.meta.dirname, '../../..'), parts: ['forge'] })
  team = await createForgeRepository(env, `forge-test-${process.pid}`)
  token = readFileSync(env.forge.tokenFile, 'utf8').trim()
  clone = mkdtempSync(join(tmpdir(), 'slipway-forge-'))
  git('init', '--quiet', '--initial-branch=develop')
  git('remote', 'add', 'origin', team.url)
  git('commit', '--quiet', '--allow-empty', '-m', 'begin')
  git('push', '--quiet', 'origin', 'develop', 'develop:master')
  await team.untilFilled()
  await team.protect('develop', 'master')
})

afterAll(async () => {
  await team?.remove()
  if (clone) rmSync(clone, { recursive: true })
})

const forgeWith = (given: { token?: string; repository?: string } = {}) =>
  createGitea({ url: env.forge.url, repository: given.repository ?? team.repository, token: { env: 'X' } }, given.token ?? token)

const world: World = {
  forge: forgeWith,
  push: async (branch) => {
    git('checkout', '--quiet', '-B', branch, 'develop')
    git('commit', '--quiet', '--allow-empty', '-m', `what ${branch} is for`)
    git('push', '--quiet', 'origin', branch)
  },
  merge: (number) => team.merge(number, 'merge'),
  close: async (number) => void (await team.ask('PATCH', `/pulls/${number}`, { state: 'closed' })),
  openFrom: async (branch) => (await openOnes()).filter(({ head }) => head.ref === branch).length,
  has: async (target, commit) => {
    git('fetch', '--quiet', 'origin')
    try {
      git('merge-base', '--is-ancestor', commit, `origin/${target}`)
      return true
    } catch {
      return false
    }
  },
  tag: async (name) => {
    git('push', '--quiet', 'origin', `develop:refs/tags/${name}`)
    await team.untilFilled()
  },
  releaseOf: async (tag) => {
    const all = (await team.ask('GET', '/releases?limit=50')) as { tag_name: string; body: string }[]
    return all.find((each) => each.tag_name === tag)?.body ?? null
  },
  page: (number) => `${env.forge.url}/${team.repository}/pulls/${number}`,
}

async function openOnes() {
  return (await team.ask('GET', '/pulls?state=open&limit=50')) as { head: { ref: string }; title: string }[]
}

describe('Gitea', () => {
  keepsTheContract(() => world)

  test('nobody pushes to what is protected', () => {
    git('checkout', '--quiet', '-B', 'sneak', 'develop')
    git('commit', '--quiet', '--allow-empty', '-m', 'sneak')
    expect(() => git('push', '--quiet', 'origin', 'sneak:develop')).toThrow(/protected/i)
  })

  test('shows the status of a build and of each environment, each once however often it is told', async () => {
    const revision = git('rev-parse', 'origin/develop')
    const show = (context: string, state: CommitStatus['state'], description: string) =>
      forgeWith().showStatus({ revision, context, state, description, deployment: null }, signal)
    await show('slipway/build', 'running', 'is being built')
    await show('slipway/build', 'success', 'is built')
    await show('slipway/build', 'success', 'is built')
    await show('slipway/prod', 'pending', `v1.0.0 waits\n${'for its approval '.repeat(30)}`)
    await show('slipway/prod', 'failed', 'v1.0.0 failed on prod')
    const all = (await team.ask('GET', `/statuses/${revision}?limit=50`)) as { context: string; status: string; description: string }[]
    expect(all.map(({ context, status }) => `${context} ${status}`).toSorted()).toEqual([
      'slipway/build pending',
      'slipway/build success',
      'slipway/prod failure',
      'slipway/prod pending',
    ])
    const now = (await team.ask('GET', `/commits/${revision}/status`)) as { statuses: { context: string; status: string }[] }
    expect(Object.fromEntries(now.statuses.map(({ context, status }) => [context, status]))).toEqual({
      'slipway/build': 'success',
      'slipway/prod': 'failure',
    })
  })

  test.each(['HEAD', '../../x', 'a'.repeat(39)])('shows nothing of what is no commit: %s', async (revision) => {
    const status = { revision, context: 'slipway/build', state: 'success', description: '', deployment: null } as const
    await expect(forgeWith().showStatus(status, signal)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
  })

  test('a squashed one names what the target has', async () => {
    await world.push('merge-back/squashed')
    const { number } = await forgeWith().openMergeRequest(
      { source: 'merge-back/squashed', target: 'develop', title: 't', body: '' },
      signal,
    )
    await team.merge(number, 'squash')
    const { mergedAs } = await forgeWith().readMergeRequest(number, signal)
    expect(await world.has('develop', mergedAs ?? '')).toBe(true)
  })

  test('a token that may only read is told what it needs; the check opens nothing', async () => {
    const reader = await createForgeToken(env, ['read:repository'])
    try {
      const forge = forgeWith({ token: reader.token })
      await world.push('merge-back/read-only')
      const input = { source: 'merge-back/read-only', target: 'develop', title: 't', body: '' }
      for (const refused of [() => forge.openMergeRequest(input, signal), () => forge.check('develop', signal)])
        await expect(refused()).rejects.toMatchObject({
          type: 'Refused',
          message: expect.stringContaining('needs the scope write:repository'),
        })
      await forgeWith().check('develop', signal)
      expect((await openOnes()).filter(({ title }) => title.includes('check'))).toEqual([])
    } finally {
      await reader.end()
    }
  })

  test('a token with the scope that is asked for is enough', async () => {
    const writer = await createForgeToken(env, ['write:repository'])
    try {
      await world.push('merge-back/writer')
      const input = { source: 'merge-back/writer', target: 'develop', title: 't', body: '' }
      const forge = forgeWith({ token: writer.token })
      const { number } = await forge.openMergeRequest(input, signal)
      expect((await forge.readMergeRequest(number, signal)).state).toBe('open')
      expect(await forge.check('develop', signal)).toContain('may open pull requests')
    } finally {
      await writer.end()
    }
  })

  test('a repository that was renamed is not followed', async () => {
    await team.ask('PATCH', '', { name: `forge-moved-${process.pid}` })
    try {
      await expect(forgeWith().readMergeRequest(1, signal)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
    } finally {
      const moved = team.repository.split('/')[1] ?? ''
      await fetch(`${env.forge.url}/api/v1/repos/slipway/forge-moved-${process.pid}`, {
        method: 'PATCH',
        headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: moved }),
      })
    }
  })
})
