import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tagContent } from '../../../activities/git/create-ref.ts'
import { alice, createTeam, git, type Team } from './support.ts'

let team: Team
let develop: string
beforeEach(() => {
  team = createTeam()
  develop = team.push('develop', { a: '1' })
})
afterEach(() => team.end())

const input = (name: string, revision = develop) => ({ project: 'shop', name, revision, by: alice, message: 'Release 1.0.0' })
const hook = (name: string, text: string) => {
  writeFileSync(join(team.remote, 'hooks', name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(team.remote, 'hooks', name), 0o755)
}

describe('a branch', () => {
  test('is made, and found made', async () => {
    const ref = 'refs/heads/release-1.0.0'
    hook('post-receive', `touch ${join(team.folder, 'ran')}`)
    expect(await team.activities.createBranch(input('release-1.0.0'))).toEqual({ ref, revision: develop, created: true })
    expect(await team.activities.createBranch(input('release-1.0.0'))).toEqual({ ref, revision: develop, created: false })
    expect(git(team.remote, 'rev-parse', ref)).toBe(develop)
    const { existsSync } = await import('node:fs')
    expect(existsSync(join(team.folder, 'ran')), "the remote's own hooks run").toBe(true)
  })

  test('that is elsewhere is never moved, forward neither', async () => {
    await team.activities.createBranch(input('release-1.0.0'))
    const newer = team.push('develop', { a: '2' })
    await expect(team.activities.createBranch(input('release-1.0.0', newer))).rejects.toMatchObject({
      type: 'Conflict',
      message: `refs/heads/release-1.0.0 should be created at ${newer.slice(0, 8)}, and it is on the remote at ${develop.slice(0, 8)}. Slipway moves no branch and no tag: use that one, or delete it and try again.`,
    })
    expect(git(team.remote, 'rev-parse', 'release-1.0.0')).toBe(develop)
  })

  test('that the remote does not allow is a conflict in its own words', async () => {
    hook('pre-receive', String.raw`printf 'GitLab: \033[31mYou are not allowed\033[0m to create\342\200\256 this\n' >&2; exit 1`)
    const failure = team.activities.createBranch(input('release-1.0.0'))
    await expect(failure).rejects.toMatchObject({ type: 'Conflict', nonRetryable: true })
    await expect(failure).rejects.toThrow(/pre-receive hook declined.*GitLab: You are not allowed to create this/)
  })

  test.each(['$(touch x)', '-rf', 'a b', '../x', 'a..b', 'x.lock', '', 'a\nb'])('%j is not made', async (name) => {
    await expect(team.activities.createBranch(input(name))).rejects.toMatchObject({ type: 'InvalidConfiguration' })
    await expect(team.activities.createTag(input(name))).rejects.toMatchObject({ type: 'InvalidConfiguration' })
  })

  test('at a revision that is nowhere is not made', async () => {
    await expect(team.activities.createBranch(input('release-1.0.0', 'f'.repeat(40)))).rejects.toMatchObject({ type: 'NotFound' })
  })
})

describe('a tag', () => {
  test('is annotated, by Slipway, and says who asked', async () => {
    const ref = 'refs/tags/v1.0.0'
    expect(await team.activities.createTag(input('v1.0.0'))).toEqual({ ref, revision: develop, created: true })
    const text = git(team.remote, 'cat-file', '-p', ref)
    expect(text).toMatch(/^tagger Slipway <slipway@localhost> \d+ \+0000$/m)
    expect(text).toMatch(
      /Release 1\.0\.0\n\nWhat is in it:\n\nOther changes\n\n- [^\n]+\n\nRequested by alice \(unverified\) through Slipway\.$/,
    )
    expect(await team.activities.createTag(input('v1.0.0'))).toEqual({ ref, revision: develop, created: false })
    const newer = team.push('develop', { a: '2' })
    await expect(team.activities.createTag(input('v1.0.0', newer))).rejects.toMatchObject({ type: 'Conflict' })
    expect((await team.look({ cursor: null })).first).toBe(true)
    expect(
      await team.activities.readRefs({ project: 'shop', refs: [ref, 'refs/heads/develop', 'refs/heads/none', 'refs/heads/$(x)'] }),
    ).toEqual({
      refs: [
        { ref, revision: develop },
        { ref: 'refs/heads/develop', revision: newer },
        { ref: 'refs/heads/none', revision: null },
        { ref: 'refs/heads/$(x)', revision: null },
      ],
    })
  })

  test("a person's tag on the same commit will do", async () => {
    git(team.clone, 'push', '-q', 'origin', 'develop:refs/tags/v1.0.0')
    expect(await team.activities.createTag(input('v1.0.0'))).toMatchObject({ created: false })
  })

  test('has no message that breaks out', () => {
    const content = tagContent({ ...input('v1.0.0'), message: 'x\0y\u202ez\r\ntagger evil' }, 1_700_000_000_999)
    expect(content).toBe(
      `object ${develop}\ntype commit\ntag v1.0.0\ntagger Slipway <slipway@localhost> 1700000000 +0000\n\nx y z \ntagger evil\n\nRequested by alice (unverified) through Slipway.\n`,
    )
  })
})
