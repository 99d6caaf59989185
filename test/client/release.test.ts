import { expect, test, vi } from 'vitest'
import { refuse } from '../../domain/wait.ts'
import type { OpenSprint, RepositoryState } from '../../domain/repository/state.ts'
import type { SprintState } from '../../domain/sprint/state.ts'
import { A, B, BEGIN, candidateOf, deployedOf, environmentOf, repositoryOf, sprintOf } from './sample.ts'
import { opens, slipway } from './terminal.ts'

const anne = ['--as', 'anne']
const by = { kind: 'person', name: 'anne', verified: false }
const ok = (text: string) => async () => ({ ok: true as const, text, notes: [] })
const open = (version: string, phase: OpenSprint['phase']): OpenSprint => ({ version, phase, features: [] })
const repository =
  (...sprints: OpenSprint[]) =>
  async () =>
    repositoryOf({ sprints })
const knowing: Partial<SprintState> = {
  phase: 'live',
  facts: { sequence: 1, develop: null, release: null, tags: [], features: [] },
}
const prodRuns = async (name: string) =>
  environmentOf(name, name === 'prod' ? { epoch: 3, current: deployedOf(candidateOf(A), 'v1.0.0-hotfix1', 3, BEGIN) } : {})

test('finish: the newest sprint that is live, and what a person says of a branch', async () => {
  const command = vi.fn(ok('v1.0.0 is merged back into develop, master'))
  const asked = opens({ repository: repository(open('1.0.0', 'live'), open('1.1.0', 'integrating')), command })
  expect(await slipway([...anne, 'finish'], { open: asked })).toEqual({
    code: 0,
    out: 'v1.0.0 is merged back into develop, master\n',
    err: '',
  })
  await slipway([...anne, 'finish', '1.0.0', '--merged-as', B, '--target', 'develop'], { open: asked })
  expect(command.mock.calls).toEqual([
    ['1.0.0', { kind: 'finish', mergedAs: null, target: null }, by],
    ['1.0.0', { kind: 'finish', mergedAs: B, target: 'develop' }, by],
  ])
})

test('a hotfix of an open sprint: the branch, and what to do with it', async () => {
  const command = vi.fn(ok('hotfix/v1.0.0-hotfix1 is cut at aaaaaaaa'))
  const sprint = async () => sprintOf({ ...knowing, phase: 'hotfixing', hotfix: 'hotfix/v1.0.0-hotfix1' })
  const asked = opens({ repository: repository(open('1.0.0', 'live'), open('1.1.0', 'stabilising')), command, sprint })
  expect(await slipway([...anne, 'hotfix'], { open: asked })).toEqual({
    code: 0,
    out: `hotfix/v1.0.0-hotfix1 is cut at aaaaaaaa
  git fetch && git checkout hotfix/v1.0.0-hotfix1
  commit what mends it, and push
  git checkout release-1.0.0 && git pull && git merge hotfix/v1.0.0-hotfix1 && git push
  next: slipway status 1.0.0 --watch
`,
    err: '',
  })
  expect(command).toHaveBeenCalledWith('1.0.0', { kind: 'hotfix' }, by)
})

test('a finished version is opened anew: the command waits until its workflow has begun and knows the remote', async () => {
  const openSprint = vi.fn(async () => ({ ok: true as const, text: 'the sprint 1.0.0 is open again, for a hotfix', version: '1.0.0' }))
  const command = vi.fn(ok('hotfix/v1.0.0-hotfix2 is cut'))
  const seen = [
    null,
    sprintOf({ phase: 'finished' }),
    sprintOf({ phase: 'live' }),
    sprintOf(knowing),
    sprintOf({ ...knowing, hotfix: 'hotfix/v1.0.0-hotfix2' }),
  ]
  const sprint = vi.fn(async () => seen.shift() ?? null)
  const asked = opens({ repository: repository(open('1.1.0', 'integrating')), environment: prodRuns, openSprint, command, sprint })
  expect(await slipway([...anne, 'hotfix'], { open: asked })).toMatchObject({
    code: 0,
    out: expect.stringContaining('the sprint 1.0.0 is open again, for a hotfix\nhotfix/v1.0.0-hotfix2 is cut\n  git fetch'),
  })
  expect(openSprint).toHaveBeenCalledWith({ version: '1.0.0', as: 'hotfix', by })
  expect(command.mock.invocationCallOrder[0]).toBeGreaterThan(sprint.mock.invocationCallOrder[3]!)
})

test('a version without a release cannot be opened; one that somebody opened meanwhile is', async () => {
  const none = opens({
    repository: repository(),
    openSprint: async () => refuse('3.0.0 has no release to fix: there is no tag v3.0.0 on the remote', ['slipway status']),
  })
  expect(await slipway([...anne, 'hotfix', '3.0.0'], { open: none })).toEqual({
    code: 3,
    out: '',
    err: 'refused: 3.0.0 has no release to fix: there is no tag v3.0.0 on the remote\n  next: slipway status\n',
  })
  let asked = 0
  const meanwhile = opens({
    repository: async () => repositoryOf({ sprints: asked++ === 0 ? [] : [open('1.0.0', 'live')] }),
    openSprint: async () => refuse('the sprint 1.0.0 is open already (live)'),
    sprint: async () => sprintOf(knowing),
    command: ok('hotfix/v1.0.0-hotfix1 is cut'),
  })
  expect(await slipway([...anne, 'hotfix', '1.0.0'], { open: meanwhile })).toMatchObject({ code: 0, err: '' })
})

const tracked = (ref: string, wanted = false) => ({ ref, revision: A, since: BEGIN, wanted, named: false, problem: null })
const estate = (parts: Partial<RepositoryState> = {}) =>
  repositoryOf({
    sprints: [],
    refs: [
      ...['release-0.8.0', 'release-0.9.0', 'release-1.0.0', 'develop'].map((name) => tracked(`refs/heads/${name}`)),
      ...['v0.8.0', 'v0.9.0'].map((name) => tracked(`refs/tags/${name}`)),
    ],
    ...parts,
  })

test('adopt VERSION opens its sprint', async () => {
  const openSprint = vi.fn(async () => ({ ok: true as const, text: 'the sprint 0.9.0 is taken over', version: '0.9.0' }))
  expect(await slipway([...anne, 'adopt', '0.9.0'], { open: opens({ openSprint }) })).toMatchObject({
    code: 0,
    out: 'the sprint 0.9.0 is taken over\n',
  })
  expect(openSprint).toHaveBeenCalledWith({ version: '0.9.0', as: 'adopt', by })
})

/** A house that was run by hand: prod runs v0.9.0, alpha cannot say what it runs, integration is empty. */
function byHand() {
  let adopted = false
  const adopt = vi.fn(async (name: string) => {
    if (name === 'integration') return refuse('nothing runs in integration; its first deployment will be epoch 1', [], 'notFound')
    if (name === 'alpha') return refuse('what runs in alpha cannot be told: no git tag; pass the tag', ['slipway doctor'], 'failed')
    adopted = true
    return { ok: true as const, text: 'v0.9.0 runs in prod and is epoch 0' }
  })
  const openSprint = vi.fn(async ({ version }: { version: string }) => ({
    ok: true as const,
    text: `the sprint ${version} is taken over`,
    version,
  }))
  const environment = async (name: string) =>
    environmentOf(name, adopted && name === 'prod' ? { current: deployedOf(candidateOf(A), 'v0.9.0', 0, BEGIN, { adopted: true }) } : {})
  return { repository: async () => estate(), adopt, openSprint, environment }
}

test('adopt takes over what runs, then the sprints of that and of younger release branches; the rest is named', async () => {
  const hand = byHand()
  const adopt = vi.fn(async (name: string) => (name === 'alpha' ? refuse('nothing runs in alpha', [], 'notFound') : hand.adopt(name)))
  expect(await slipway([...anne, 'adopt', '--running', 'prod=v0.9.0'], { open: opens({ ...hand, adopt }) })).toEqual({
    code: 0,
    out: `environments
  ○  integration  nothing runs in integration; its first deployment will be epoch 1
  ○  alpha        nothing runs in alpha
  ✓  prod         v0.9.0 runs in prod and is epoch 0
sprints
  ✓  0.9.0  the sprint 0.9.0 is taken over
  ✓  1.0.0  the sprint 1.0.0 is taken over

left as they are
  no sprint follows release-0.8.0, v0.8.0; slipway adopt 0.8.0 takes them over
`,
    err: '',
  })
  expect(adopt.mock.calls).toEqual([
    ['integration', { tag: null, by }],
    ['alpha', { tag: null, by }],
    ['prod', { tag: 'v0.9.0', by }],
  ])
  expect(hand.openSprint.mock.calls.map(([wish]) => wish)).toEqual(['0.9.0', '1.0.0'].map((version) => ({ version, as: 'adopt', by })))
})

test('adopt opens no sprint that would deploy over what could not be taken over', async () => {
  const hand = byHand()
  expect(await slipway([...anne, 'adopt', '--running', 'alpha=x'], { open: opens(hand) })).toMatchObject({
    code: 1,
    out: expect.stringContaining(`  ✗  alpha        what runs in alpha cannot be told: no git tag; pass the tag
     next: slipway doctor
  ✓  prod         v0.9.0 runs in prod and is epoch 0
sprints
  –  0.9.0  not opened: it would deploy over what runs in alpha, where nobody could tell what that is
     next: slipway adopt --running alpha=TAG
     next: slipway adopt 0.9.0
`),
  })
  expect(hand.adopt).toHaveBeenCalledWith('alpha', { tag: 'x', by })
  expect(hand.openSprint).not.toHaveBeenCalled()
})

test('adopt: 0 when all that was there was taken over, 3 when nothing was', async () => {
  const hand = byHand()
  const adopt = async (name: string) => (name === 'prod' ? hand.adopt('prod') : refuse(`nothing runs in ${name}`, [], 'notFound'))
  expect(await slipway([...anne, 'adopt'], { open: opens({ ...hand, adopt }) })).toMatchObject({ code: 0, err: '' })

  const busy = async () => refuse('develop.aaaaaaaa is being deployed to integration; there is nothing to take over any more')
  expect(
    await slipway([...anne, 'adopt'], { open: opens({ ...byHand(), repository: async () => estate({ refs: [] }), adopt: busy }) }),
  ).toMatchObject({
    code: 3,
    out: expect.stringContaining('  –  integration  develop.aaaaaaaa is being deployed to integration'),
  })

  const known = opens({
    repository: async () => estate({ refs: [] }),
    environment: async (name) => environmentOf(name, { epoch: 2, current: deployedOf(candidateOf(A), 'v1.0.0', 2, BEGIN) }),
  })
  expect(await slipway([...anne, 'adopt'], { open: known })).toMatchObject({
    code: 3,
    out: expect.stringContaining('  –  prod         known already: v1.0.0 runs there as epoch 2\n'),
    err: expect.stringContaining('refused: there is nothing to take over\n'),
  })
})

const prodRuns09 = async (name: string) =>
  environmentOf(name, name === 'prod' ? { current: deployedOf(candidateOf(A), 'v0.9.0', 0, BEGIN, { adopted: true }) } : {})

test('adopt does not open again what came to its end, and names what was aborted', async () => {
  const hand = {
    ...byHand(),
    adopt: async () => refuse('nothing runs', [], 'notFound'),
    environment: prodRuns09,
    sprintEnd: async (version: string) => ({ '0.8.0': 'aborted', '0.9.0': 'finished' })[version] ?? null,
  }
  const { out } = await slipway([...anne, 'adopt'], { open: opens(hand) })
  expect(hand.openSprint.mock.calls.map(([{ version }]) => version)).toEqual(['1.0.0'])
  expect(out).toContain('slipway adopt 0.8.0')
  expect(out).not.toContain('slipway adopt 0.9.0')
})

test('where nothing is live, release branches without a release are under way', async () => {
  const hand = { ...byHand(), adopt: async () => refuse('nothing runs', [], 'notFound') }
  await slipway([...anne, 'adopt'], { open: opens(hand) })
  expect(hand.openSprint.mock.calls.map(([{ version }]) => version)).toEqual(['1.0.0'])
})

test('adopt of an environment that is not there, and of a remote that was never read', async () => {
  expect(await slipway([...anne, 'adopt', '--running', 'nope=v1'], { open: opens({ repository: async () => estate() }) })).toMatchObject({
    code: 4,
    err: 'website has no environment nope; there are: integration, alpha, prod\n  next: slipway env\n',
  })
  const unread = opens({ repository: async () => estate({ settings: null }) })
  expect(await slipway([...anne, 'adopt'], { open: unread })).toMatchObject({ code: 1, err: expect.stringContaining('slipway doctor') })
})

test('what no sprint follows is shown with the command that takes it over, unless it is known to be over', async () => {
  const refs = [
    tracked('refs/heads/release-0.9.0'),
    tracked('refs/heads/release-0.8.0', true),
    tracked('refs/tags/v0.8.0', true),
    tracked('refs/tags/v0.1.0'),
    tracked('refs/heads/release-1.0.0'),
    tracked('refs/heads/release-next'),
    tracked('refs/heads/release-0.7.0', true),
  ]
  const sprintEnd = async (version: string) => (version === '0.7.0' ? 'finished' : null)
  const parts = { environment: async (name: string) => environmentOf(name), sprintEnd }
  const section = `
not followed
  no sprint follows release-0.8.0, v0.8.0; slipway adopt 0.8.0 takes them over
  no sprint follows release-0.9.0; slipway adopt 0.9.0 takes it over

next
`
  const shown = await slipway(['status'], { open: opens({ ...parts, repository: async () => repositoryOf({ refs }) }) })
  expect(shown.out).toContain(section)
  const alone = { ...parts, repository: async () => repositoryOf({ sprints: [], refs: refs.filter(({ ref }) => !ref.includes('1.0.0')) }) }
  expect((await slipway([], { open: opens(alone) })).out).toContain(section)
  const { out } = await slipway(['status', '--json'], { open: opens({ ...parts, repository: async () => repositoryOf({ refs }) }) })
  expect(JSON.parse(out).unfollowed).toEqual([
    { version: '0.8.0', refs: ['release-0.8.0', 'v0.8.0'], command: 'slipway adopt 0.8.0' },
    { version: '0.9.0', refs: ['release-0.9.0'], command: 'slipway adopt 0.9.0' },
  ])
})
