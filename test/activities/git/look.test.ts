import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { absorbLook } from '../../../domain/repository/absorb.ts'
import { knowSprint } from '../../../domain/repository/sprints.ts'
import { newRepository } from '../../../domain/repository/state.ts'
import { createTeam, git, gitWithInput, joinTeam, type Team } from './support.ts'

let team: Team
beforeEach(() => {
  team = createTeam()
})
afterEach(() => team.end())

const BRANCH = 'refs/heads/'

describe('a first look', () => {
  test('names the branches of the image rule, and takes the tags as they are', async () => {
    const develop = team.push('develop', { a: '1' })
    const release = team.push('release-1.0.0', { a: '2' })
    team.push('feature/x', { b: '1' })
    git(team.clone, 'push', '-q', 'origin', 'release-1.0.0:refs/tags/v1.0.0')
    const seen = await team.look()
    expect(seen).toMatchObject({ first: true, more: false, develop, features: [], unserved: { count: 0, names: [] } })
    expect(seen.changes).toEqual([
      { ref: `${BRANCH}develop`, from: null, to: develop, rewritten: false },
      { ref: `${BRANCH}release-1.0.0`, from: null, to: release, rewritten: false },
    ])
    expect(seen.settings?.project).toBe('shop')
    expect(await team.look({ cursor: seen.cursor, settingsHash: seen.settings!.hash })).toEqual({
      ...seen,
      first: false,
      changes: [],
      settings: null,
    })
  })

  test('is what an unknown or a damaged cursor gets', async () => {
    team.push('develop', { a: '1' })
    for (const cursor of ['f'.repeat(64), '../../../etc/passwd', '']) {
      expect(await team.look({ cursor })).toMatchObject({ first: true, changes: [{ ref: `${BRANCH}develop` }] })
    }
  })

  test('of an empty remote is an outage', async () => {
    await expect(team.look()).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('taken for an outage') })
  })
})

describe('a later look', () => {
  test('names what changed: pushes, new tags (peeled), deletions', async () => {
    const one = team.push('develop', { a: '1' })
    const release = team.push('release-1.0.0', { a: '2' })
    const first = await team.look()
    git(team.clone, 'checkout', '-q', 'develop')
    const two = team.push('develop', { a: '3' })
    git(team.clone, 'tag', '-a', 'v1.0.0', '-m', 'first', release)
    git(team.clone, 'tag', 'light', two)
    git(team.clone, 'push', '-q', 'origin', 'v1.0.0', 'light', ':release-1.0.0')
    const second = await team.look({ cursor: first.cursor })
    expect(second).toMatchObject({ first: false, develop: two })
    expect(second.changes).toEqual([
      { ref: `${BRANCH}develop`, from: one, to: two, rewritten: false },
      { ref: `${BRANCH}release-1.0.0`, from: release, to: null, rewritten: false },
      { ref: 'refs/tags/v1.0.0', from: null, to: release, rewritten: false },
      { ref: 'refs/tags/light', from: null, to: two, rewritten: false },
    ])
  })

  test('tells a rewritten branch and a moved tag', async () => {
    const base = team.push('develop', { a: '1' })
    const lost = team.push('develop', { a: '2' })
    git(team.clone, 'push', '-q', 'origin', 'develop:refs/tags/v1.0.0')
    const first = await team.look()
    git(team.clone, 'reset', '-q', '--hard', base)
    const other = team.push('develop', { a: '3' })
    git(team.clone, 'push', '-q', '-f', 'origin', 'develop:refs/tags/v1.0.0')
    const second = await team.look({ cursor: first.cursor })
    expect(second.changes).toEqual([
      { ref: `${BRANCH}develop`, from: lost, to: other, rewritten: true },
      { ref: 'refs/tags/v1.0.0', from: lost, to: other, rewritten: true },
    ])
    // Also for a worker whose mirror is gone, and the commit with it.
    rmSync(join(team.state, 'git', 'shop.git'), { recursive: true })
    git(team.remote, 'reflog', 'expire', '--expire=now', '--all')
    git(team.remote, 'gc', '--quiet', '--prune=now')
    expect((await team.look({ cursor: first.cursor })).changes.map(({ rewritten }) => rewritten)).toEqual([true, true])
  })

  test('keeps answering the same to the same cursor, in another process too', async () => {
    team.push('develop', { a: '1' })
    const first = await team.look()
    team.push('develop', { a: '2' })
    const second = await team.look({ cursor: first.cursor })
    expect(await team.look({ cursor: first.cursor })).toEqual(second)
    const other = joinTeam(team.folder, team.remote, team.clone)
    expect(await other.look({ cursor: first.cursor })).toEqual(second)
  })

  test('a tag made anew on the same commit, and a branch that is not built, are no changes', async () => {
    team.push('develop', { a: '1' })
    git(team.clone, 'tag', '-a', 'v1.0.0', '-m', 'one')
    git(team.clone, 'push', '-q', 'origin', 'v1.0.0')
    const first = await team.look()
    git(team.clone, 'tag', '-f', '-a', 'v1.0.0', '-m', 'two')
    git(team.clone, 'push', '-q', '-f', 'origin', 'v1.0.0')
    team.push('feature/x', { b: '1' })
    expect(await team.look({ cursor: first.cursor })).toMatchObject({ changes: [], first: false })
  })

  test('a branch a gives way to a branch a/b', async () => {
    team.push('develop', { a: '1' })
    team.push('release-a', { a: '2' })
    const first = await team.look()
    git(team.clone, 'push', '-q', 'origin', ':release-a')
    git(team.clone, 'branch', '-m', 'release-a', 'release-x')
    const deeper = team.push('release-a/b', { a: '3' })
    const second = await team.look({ cursor: first.cursor })
    expect(second.changes.map(({ ref, to }) => [ref, to])).toEqual([
      [`${BRANCH}release-a`, null],
      [`${BRANCH}release-a/b`, deeper],
    ])
  })

  test('old listings are dropped', async () => {
    team.push('develop', { a: '1' })
    let { cursor } = await team.look()
    const tree = git(team.clone, 'rev-parse', 'HEAD')
    for (let n = 0; n < 80; n++) {
      git(team.remote, 'update-ref', `refs/tags/t${n}`, tree)
      ;({ cursor } = await team.look({ cursor }))
    }
    expect(readdirSync(join(team.state, 'git', 'shop', 'listings')).length).toBeLessThanOrEqual(72)
    expect(await team.look({ cursor })).toMatchObject({ first: false, changes: [] })
  })
})

describe('hostile names', () => {
  const hostile = [
    'release-$(touch${IFS}x)',
    'release-a;reboot',
    'release-`id`',
    'release-a|b',
    'release-\u200bx',
    "release-'quote",
    'release-a"b',
    'release--/-rf',
    'release-Ω',
  ]

  test('are counted, quoted and never served', async () => {
    const develop = team.push('develop', { a: '1' })
    const first = await team.look()
    const create = [
      ...hostile.map((name) => `${BRANCH}${name}`),
      'refs/tags/-rf',
      'refs/tags/$(reboot)',
      'refs/tags/team/v1',
      `refs/tags/${'x'.repeat(150)}`,
    ]
    gitWithInput(team.remote, create.map((ref) => `create ${ref} ${develop}\n`).join(''), 'update-ref', '--stdin')
    const second = await team.look({ cursor: first.cursor })
    expect(second.changes).toEqual([])
    expect(second.unserved.count).toBe(create.length)
    expect(second.unserved.names).toHaveLength(10)
    expect(second.unserved.names).toContain(String.raw`"release-\u200bx"`)
    expect(second.unserved.names).toContain('"release-a;reboot"')
    expect(await team.look({ cursor: second.cursor })).toMatchObject({ changes: [], unserved: { count: 0 } })
    expect(git(team.mirror.paths.mirror, 'for-each-ref', '--format=%(refname)')).toBe('refs/slipway/held/heads%develop')
  })

  test('of features are no branches', async () => {
    team.push('develop', { a: '1' })
    const names = ['$(touch x)', '-rf', 'a b', '../x', '']
    const seen = await team.look({ features: names })
    expect(seen.features).toEqual(names.map((branch) => ({ branch, revision: null, merged: null })))
  })

  test('a tag of a file is not served', async () => {
    team.push('develop', { a: '1' })
    const first = await team.look()
    git(team.clone, 'tag', 'blob', 'develop:a')
    git(team.clone, 'push', '-q', 'origin', 'refs/tags/blob')
    const second = await team.look({ cursor: first.cursor })
    expect(second).toMatchObject({ changes: [], unserved: { count: 1, names: ['"blob"'] } })
    expect(await team.look({ cursor: second.cursor })).toMatchObject({ changes: [], unserved: { count: 0 } })
  })
})

test('5,000 tags that appear at once are one import, told in one look: none is shown or built but those of open sprints', async () => {
  const develop = team.push('develop', { a: '1' })
  const first = await team.look()
  const sprint = { version: '1.0.7', phase: 'integrating', features: [] } as const
  const start = knowSprint(absorbLook(newRepository('shop'), first, 1000), sprint)
  const at = (refs: string[]) => refs.map((ref) => `${develop} ${ref}\n`).join('')
  // As a remote keeps them that has many; 5,000 files take a while.
  writeFileSync(join(team.remote, 'packed-refs'), at(Array.from({ length: 5000 }, (_, n) => `refs/tags/v1.0.${n}`)))
  git(team.clone, 'push', '-q', 'origin', 'develop:refs/heads/release-3.0.0', 'develop:refs/tags/$(reboot)')
  const second = await team.look({ cursor: first.cursor, settingsHash: first.settings!.hash, versions: ['1.0.7'] })
  expect(second).toMatchObject({ more: false, imported: 4999, unserved: { count: 1, names: ['"$(reboot)"'] } })
  expect(second.changes.map(({ ref }) => ref)).toEqual(['refs/heads/release-3.0.0', 'refs/tags/v1.0.7'])
  const state = absorbLook(start, second, 2000)
  expect(state.refs.flatMap(({ ref, wanted }) => (wanted ? [ref] : [])).toSorted()).toEqual([
    `${BRANCH}develop`,
    `${BRANCH}release-3.0.0`,
    'refs/tags/v1.0.7',
  ])
  expect(state.entries.map(({ event, text }) => `${event}: ${text}`)).toEqual([
    'imported: 4999 tags appeared at once; only those of open sprints are built',
  ])

  // What is pushed afterwards is no part of it, and neither is what a first look finds there.
  git(team.clone, 'push', '-q', 'origin', 'develop:refs/tags/v2.0.0')
  const third = await team.look({ cursor: second.cursor, settingsHash: first.settings!.hash })
  expect(third).toMatchObject({ imported: 0, changes: [{ ref: 'refs/tags/v2.0.0' }] })
  expect((await team.look()).imported).toBe(0)
})

test('more than 150 changes come in pages that a history can hold, each once, and the cursor follows what was shown', async () => {
  const modern = createTeam({ objectFormat: 'sha256' })
  try {
    const before = modern.push('develop', { a: '1' })
    // As long as an image tag may be.
    const refs = Array.from({ length: 160 }, (_, n) => `refs/heads/release-1.0.0-${'x'.repeat(102)}${String(n).padStart(3, '0')}`)
    gitWithInput(modern.remote, refs.map((ref) => `create ${ref} ${before}\n`).join(''), 'update-ref', '--stdin')
    const seen: string[] = []
    let { cursor } = await pagesUntilTheEnd(modern, null)
    const now = modern.push('develop', { a: '2' })
    gitWithInput(modern.remote, refs.map((ref) => `update ${ref} ${now}\n`).join(''), 'update-ref', '--stdin')
    for (const expected of [150, 11]) {
      const page = await modern.look({ cursor })
      expect(page.changes).toHaveLength(expected)
      expect(page.more).toBe(expected === 150)
      expect(JSON.stringify(page).length).toBeLessThan(64 * 1024)
      seen.push(...page.changes.map(({ ref }) => ref))
      cursor = page.cursor
    }
    expect(seen.toSorted()).toEqual(['refs/heads/develop', ...refs].toSorted())
  } finally {
    modern.end()
  }
})

async function pagesUntilTheEnd(whose: Team, from: string | null) {
  let page = await whose.look({ cursor: from })
  while (page.more) page = await whose.look({ cursor: page.cursor })
  return page
}

test('a missing repository is permanent and names it', async () => {
  const other = joinTeam(team.folder, join(team.folder, 'nowhere.git'), team.clone)
  await expect(other.look()).rejects.toMatchObject({
    type: 'NotFound',
    nonRetryable: true,
    message: expect.stringContaining('nowhere.git'),
  })
})

test('an unknown project is permanent and names the known ones', async () => {
  await expect(team.look({ project: 'shpo' })).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('it has shop'),
  })
})

test('a sha256 repository', async () => {
  const modern = createTeam({ objectFormat: 'sha256' })
  try {
    const one = modern.push('develop', { a: '1' })
    const first = await modern.look()
    expect(first.develop).toBe(one)
    const two = modern.push('develop', { a: '2' })
    expect((await modern.look({ cursor: first.cursor })).changes).toEqual([
      { ref: `${BRANCH}develop`, from: one, to: two, rewritten: false },
    ])
    expect((await modern.mirror.readFile(two, 'a', modern.attempt.signal))?.toString()).toBe('2')
  } finally {
    modern.end()
  }
})
