import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNotesActivities } from '../../../activities/git/notes-activities.ts'
import { createTag } from '../../../activities/git/create-ref.ts'
import { fakeGitlab } from '../forge/fake-gitlab.ts'
import { alice, createTeam, estateOf, git, type Team } from './support.ts'

let team: Team
beforeEach(() => {
  team = createTeam()
})
afterEach(() => {
  team.mirror.close()
  team.end()
})

const notesWith = (forge?: object) => {
  const estate = estateOf({ url: team.remote })
  if (forge !== undefined) Object.assign(estate.file.projects['shop']!, { forge })
  return createNotesActivities({
    estate,
    stateFolder: team.state,
    environment: { PATH: process.env['PATH'], TOKEN: 'glpat-canary-5d1e' },
    attempt: () => team.attempt,
    mirrors: () => team.mirror,
    readFile: (path: string) => readFile(path, 'utf8'),
  })
}
const notesOf = (name: string) => notesWith().releaseNotes({ project: 'shop', name })
const tag = (name: string) => git(team.clone, 'push', '-q', 'origin', `HEAD:refs/tags/${name}`)

test("what came since the release before, in Slipway's order, and of a version its newest tag", async () => {
  team.push('release-1.0.0', { a: '1' }, 'feat: a cart')
  tag('v1.0.0')
  expect(await notesOf('v1.0.0')).toMatchObject({ tag: 'v1.0.0', previous: null, text: expect.stringContaining('- a cart (') })
  team.push('release-1.0.0', { a: '2' }, 'fix(cart): sums (#7)')
  tag('v1.0.0-hotfix2')
  team.push('release-1.0.0', { a: '3' }, 'fix: once more\n\nBREAKING CHANGE: another port')
  tag('v1.0.0-hotfix10')
  const second = await notesOf('v1.0.0-hotfix2')
  expect(second).toMatchObject({ previous: 'v1.0.0', markdown: expect.stringContaining('### Fixes') })
  expect(second.text).not.toContain('a cart')
  expect(await notesOf('1.0.0')).toMatchObject({
    tag: 'v1.0.0-hotfix10',
    tagged: true,
    previous: 'v1.0.0-hotfix2',
    text: expect.stringMatching(/^Breaking changes\n\n- once more; another port \(/),
  })
})

test('before there is a tag it is what the release branch has; of what nobody knows, a sentence', async () => {
  const revision = team.push('release-2.0.0', { a: '1' }, 'feat: a cart')
  expect(await notesOf('2.0.0')).toMatchObject({ tag: 'v2.0.0', tagged: false, revision, previous: null })
  await expect(notesOf('3.0.0')).rejects.toMatchObject({ type: 'NotFound', message: expect.stringContaining('of 3.0.0 is on the remote') })
  await expect(notesOf('$(x)')).rejects.toMatchObject({ type: 'InvalidConfiguration' })
})

test('a tag that Slipway makes says what came with it, and a hostile subject is but a line of it', async () => {
  const evil = 'feat: x \u001b[2J\u202e `id` <b>@all</b>\u0000'
  team.push('release-1.0.0', { a: '1' }, evil.replace('\u0000', ''))
  const revision = git(team.clone, 'rev-parse', 'HEAD')
  const input = { project: 'shop', name: 'v1.0.0', revision, by: alice, message: 'v1.0.0' }
  await createTag(input, team.mirror, 0, team.attempt.signal)
  const text = git(team.remote, 'cat-file', '-p', 'refs/tags/v1.0.0')
  expect(text).toContain('What is in it:\n\nFeatures\n\n- x [2J `id` <b>@all</b> (')
  expect(text).toMatch(/Requested by alice \(unverified\) through Slipway\.$/)
})

test('the release page on the forge has them, once, with links', async () => {
  const gitlab = await fakeGitlab()
  try {
    team.push('release-1.0.0', { a: '1' }, 'feat: a cart (#7)')
    tag('v1.0.0')
    const url = `http://${gitlab.address}`
    const notes = notesWith({ gitlab: { url, project: gitlab.project, token: { env: 'TOKEN' } } })
    const input = { project: 'shop', tag: 'v1.0.0' }
    expect(await notes.publishRelease(input)).toEqual({ url: `${url}/eap/web/site/-/releases/v1.0.0`, created: true })
    expect(await notes.publishRelease(input)).toMatchObject({ created: false })
    expect(gitlab.releases.get('v1.0.0')).toContain(`[!7](${url}/eap/web/site/-/merge_requests/7)`)
    expect(await notesWith().publishRelease(input)).toBeNull()
  } finally {
    await gitlab.close()
  }
})
