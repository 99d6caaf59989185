import { expect, test, vi } from 'vitest'
import { refuse } from '../../domain/wait.ts'
import { CliError, EXIT } from '../../client/exit.ts'
import { A, B, BEGIN, candidateOf, deployedOf, environmentOf, releasing, repositoryOf, requestOf, SETTINGS, sprintOf } from './sample.ts'
import { opens, slipway } from './terminal.ts'

const HASH = '0123456789abcdef'.repeat(4)
const anne = ['--as', 'anne']
const by = { kind: 'person', name: 'anne', verified: false }
const prod = releasing().environments[2]!.view!
const ok = (text: string) => async () => ({ ok: true as const, text, notes: [] })

test('an accepted command prints its answer and its notes', async () => {
  const command = vi.fn(async () => ({ ok: true as const, text: 'release-1.0.0 is cut', notes: ['also ships: \u001b[2Jx'] }))
  expect(await slipway([...anne, 'cut', '--without', 'a', '--without', 'b'], { open: opens({ command }) })).toEqual({
    code: 0,
    out: 'release-1.0.0 is cut\nnote: also ships: x\n',
    err: '',
  })
  expect(command).toHaveBeenCalledWith('1.0.0', { kind: 'cut', without: ['a', 'b'] }, by)
})

test.each([
  ['state', 3, 'refused: its release branch is cut already\n  next: slipway status\n'],
  ['rights', 3, 'refused: its release branch is cut already\n  next: slipway status\n'],
  ['notFound', 4, 'its release branch is cut already\n  next: slipway status\n'],
  ['failed', 1, 'its release branch is cut already\n  next: slipway status\n'],
] as const)('a refusal for %s ends with exit %d', async (kind, code, err) => {
  const command = async () => refuse('its release branch is cut already', ['slipway status'], kind)
  expect(await slipway([...anne, 'cut'], { open: opens({ command }) })).toEqual({ code, out: '', err })
})

test.each([
  [
    ['start', '1.1.0', '--feature', 'a', '--feature', 'a', '--feature', 'b'],
    'startSprint',
    [{ version: '1.1.0', features: ['a', 'b'], by }],
  ],
  [['feature', 'add', 'a'], 'command', ['1.0.0', { kind: 'addFeature', branch: 'a' }, by]],
  [['feature', 'remove', 'a', '--sprint', '2.0.0'], 'command', ['2.0.0', { kind: 'removeFeature', branch: 'a' }, by]],
  [['feature', 'merged', 'a', '--by', A], 'command', ['1.0.0', { kind: 'settleFeature', branch: 'a', revision: A }, by]],
  [['tag', '1.0.0'], 'command', ['1.0.0', { kind: 'tag', revision: null }, by]],
  [['tag', '--revision', A.slice(0, 8)], 'command', ['1.0.0', { kind: 'tag', revision: A }, by]],
  [['abort', '--reason', 'not now'], 'command', ['1.0.0', { kind: 'abort', reason: 'not now' }, by]],
  [['retry', 'alpha'], 'retry', ['alpha', by]],
  [['hint'], 'hint', []],
] as const)('%j says what it means', async (argv, method, args) => {
  const said = vi.fn(ok('done'))
  const refs = [{ ref: 'refs/heads/release-1.0.0', revision: A, since: 0, wanted: true, named: true, problem: null }]
  const { code } = await slipway([...anne, ...argv], { open: opens({ repository: async () => repositoryOf({ refs }), [method]: said }) })
  expect(said).toHaveBeenCalledWith(...args)
  expect(code).toBe(0)
})

test('who speaks is --as, else SLIPWAY_USER, always on one line', async () => {
  const retry = vi.fn(ok('done'))
  await slipway(['retry', 'alpha'], { open: opens({ retry }), io: { env: { SLIPWAY_USER: ' carol\u0007\n ' } } })
  expect(retry).toHaveBeenCalledWith('alpha', { kind: 'person', name: 'carol', verified: false })
})

test('without a version: the newest sprint in a fitting phase; what cannot be undone asks which', async () => {
  const sprints = [
    { version: '1.9.0', phase: 'stabilising' as const, features: [] },
    { version: '1.10.0', phase: 'integrating' as const, features: [] },
  ]
  const command = vi.fn(ok('done'))
  const open = opens({ repository: async () => repositoryOf({ sprints }), command })
  await slipway([...anne, 'tag'], { open })
  await slipway([...anne, 'cut'], { open })
  expect(command.mock.calls.map((call: unknown[]) => call[0])).toEqual(['1.9.0', '1.10.0'])
  expect(await slipway([...anne, 'abort', '--reason', 'x'], { open })).toEqual({
    code: 2,
    out: '',
    err: '2 sprints of website are open: 1.9.0, 1.10.0; name one\n  next: slipway abort 1.9.0 --reason …\n  next: slipway abort 1.10.0 --reason …\n',
  })
  const none = opens({ repository: async () => repositoryOf({ sprints: [] }) })
  expect(await slipway(['status'], { open: none })).toMatchObject({
    code: 4,
    err: expect.stringContaining('no sprint of website is open\n  next: slipway start VERSION'),
  })
})

test('approve shows what it approves, and names its request and its hash', async () => {
  const approve = vi.fn(ok('v1.0.0 is approved for prod'))
  const { code, out } = await slipway([...anne, 'approve', 'prod', '--hash', HASH.slice(0, 8), '--reason', 'fine'], {
    open: opens({ environment: async () => prod, approve }),
  })
  expect(approve).toHaveBeenCalledWith('prod', { request: 'v1.0.0', hash: HASH, by, reason: 'fine' })
  expect(out).toContain('v1.0.0 for prod: v1.0.0 at aaaaaaaa, in place of v0.9.0 (epoch 4, bbbbbbbb)\n')
  expect(out).toContain(`  hash ${HASH}\nv1.0.0 is approved for prod\n`)
  expect(code).toBe(0)
})

test('approve with another hash is refused before anything is said', async () => {
  const { code, err } = await slipway([...anne, 'approve', 'prod', '--hash', 'ffffffff'], {
    open: opens({ environment: async () => prod }),
  })
  expect(err).toBe(
    `refused: v1.0.0 has the hash ${HASH} now, not ffffffff: look again at what would be deployed\n  next: slipway env prod\n`,
  )
  expect(code).toBe(3)
})

test('a named request that does not wait is asked for all the same, so that the denial is recorded', async () => {
  const reject = vi.fn(async () => refuse('v0.9.0 is deployed already as epoch 4'))
  const { code, err } = await slipway([...anne, 'reject', 'prod', 'v0.9.0', '--reason', 'no'], {
    open: opens({ environment: async () => prod, reject }),
  })
  expect(reject).toHaveBeenCalledWith('prod', { request: 'v0.9.0', hash: '', by, reason: 'no' })
  expect(err).toBe('refused: v0.9.0 is deployed already as epoch 4\n')
  expect(code).toBe(3)
})

test('two requests have to be told apart by name; none is refused', async () => {
  const second = { ...prod.state.waiting[0]!, request: requestOf(candidateOf(B), 'v0.9.0-hotfix1', BEGIN) }
  const two = environmentOf('prod', { ...prod.state, waiting: [...prod.state.waiting, second] })
  expect(await slipway([...anne, 'approve', 'prod'], { open: opens({ environment: async () => two }) })).toEqual({
    code: 2,
    out: '',
    err: '2 requests wait for approval in prod; name one\n  next: slipway approve prod v1.0.0\n  next: slipway approve prod v0.9.0-hotfix1\n',
  })
  expect(await slipway([...anne, 'approve', 'prod'], { open: opens({}) })).toMatchObject({
    code: 3,
    err: 'refused: nothing waits for approval in prod\n',
  })
})

test('an environment that is not there: exit 4, and those that are', async () => {
  expect(await slipway([...anne, 'approve', 'nope'], { open: opens({}) })).toEqual({
    code: 4,
    out: '',
    err: 'website has no environment nope; there are: integration, alpha, prod\n  next: slipway env\n',
  })
  expect(await slipway([...anne, 'approve', 'porod'], { open: opens({}) })).toMatchObject({
    code: 4,
    err: expect.stringContaining('website has no environment porod; did you mean prod? there are: integration, alpha, prod\n'),
  })
})

test('a sign-off names the epoch and the revision that run now', async () => {
  const signOff = vi.fn(ok('signed off'))
  const alpha = environmentOf('alpha', { epoch: 3, current: deployedOf(candidateOf(A), 'release-1.0.0.aaaaaaaa', 3, BEGIN) })
  await slipway([...anne, 'signoff', 'alpha', '--fail', '-m', 'red'], { open: opens({ environment: async () => alpha, signOff }) })
  expect(signOff).toHaveBeenCalledWith('alpha', { verdict: 'fail', epoch: 3, revision: A, by, message: 'red' })
  expect(await slipway([...anne, 'signoff', 'alpha', '--pass'], { open: opens({}) })).toMatchObject({
    code: 3,
    err: expect.stringContaining('refused: nothing is verified in alpha yet'),
  })
})

test('retry without an environment tries every failed build and parked environment again', async () => {
  const parked = {
    request: requestOf(candidateOf(A), 'v1.0.0', BEGIN),
    epoch: 2,
    target: 'intact' as const,
    step: 'applying' as const,
    reason: 'x',
    observed: [],
    log: null,
    since: BEGIN,
  }
  const builds = [{ status: 'failed' as const, revision: A, since: BEGIN, reason: 'x', log: null }]
  const retry = vi.fn(async () => refuse('a newer request waits in prod already'))
  const open = opens({
    repository: async () => repositoryOf({ builds }),
    environment: async (name) => environmentOf(name, name === 'prod' ? { parked } : {}),
    retryBuilds: async () => ({ ok: true, text: 'one build is tried again', revisions: [A] }),
    retry,
  })
  expect(await slipway([...anne, 'retry'], { open })).toEqual({
    code: 0,
    out: 'one build is tried again\n',
    err: 'refused: a newer request waits in prod already\n',
  })
  expect(retry.mock.calls).toEqual([['prod', by]])
  expect(await slipway([...anne, 'retry'], { open: opens({}) })).toMatchObject({ code: 3 })
})

test('a hint never fails loudly', async () => {
  const hint = () => Promise.reject(new CliError(EXIT.unreachable, 'cannot reach Temporal'))
  expect(await slipway(['hint', 'website'], { open: opens({ hint }) })).toEqual({
    code: 0,
    out: '',
    err: 'slipway: cannot reach Temporal; the timer will look\n',
  })
})

test('an unexpected error is one sentence; --verbose says the rest', async () => {
  const repository = () => Promise.reject(new Error('boom \u001b[2J'))
  const short = await slipway(['env'], { open: opens({ repository }) })
  expect(short).toEqual({ code: 1, out: '', err: 'boom ; --verbose says more\n' })
  const long = await slipway(['--verbose', 'env'], { open: opens({ repository }) })
  expect(long.err).toMatch(/^\s+at /m)
  expect(long.err).not.toContain('\u001b')
})

test('doctor exits 1 when something is not well', async () => {
  const findings = [{ part: 'engine', ok: false, detail: 'nobody answers', fix: 'start it', queue: 'slipway-build' }]
  const doctor = vi.fn(async () => ({ findings }))
  expect(await slipway(['doctor', 'alpha', 'prod'], { open: opens({ doctor }) })).toMatchObject({
    code: 1,
    out: expect.stringContaining('mend it: start it'),
  })
  expect(doctor).toHaveBeenCalledWith(['alpha', 'prod'])
})

test('logs pages a stored log and makes it harmless', async () => {
  const digest = `sha256:${'d'.repeat(64)}`
  const builds = [{ status: 'failed' as const, revision: A, since: BEGIN, reason: 'step 3', log: digest }]
  const refs = [{ ref: 'refs/heads/develop', revision: A, since: BEGIN, wanted: true, named: false, problem: null }]
  const readLog = vi.fn(async (_digest: string, offset: number) =>
    offset === 0 ? { text: 'one\u001b[2J\n', totalBytes: 8, nextOffset: 4 } : { text: 'two', totalBytes: 8, nextOffset: null },
  )
  const open = opens({
    repository: async () => repositoryOf({ builds, refs }),
    build: async () => null,
    buildActivities: async () => [],
    readLog,
  })
  for (const what of [[], ['develop'], ['develop.aaaaaaaa'], [A], [A.slice(0, 7)]]) {
    expect((await slipway(['logs', ...what], { open })).out).toMatch(/^==> .*: step 3 <==\none\ntwo\n$/)
  }
  expect(readLog.mock.calls.slice(0, 2)).toEqual([
    [digest, 0],
    [digest, 4],
  ])
  expect(await slipway(['logs', 'nope'], { open })).toMatchObject({
    code: 4,
    err: expect.stringContaining('no image tag, branch, revision or environment nope is known'),
  })
  expect(await slipway(['logs', 'alpha'], { open })).toMatchObject({
    code: 4,
    err: expect.stringContaining('there is no log of alpha in website'),
  })
})

test('slipway alone shows the current sprint, or without one what runs', async () => {
  expect((await slipway([], { open: opens({}) })).out).toMatch(/^website 1\.0\.0\n\n● integrating/)
  const outage = { reason: 'the remote does not answer', since: BEGIN }
  const none = opens({ repository: async () => repositoryOf({ sprints: [], outage }) })
  const { out } = await slipway([], { open: none, io: { now: () => BEGIN + 5000 } })
  expect(out).toBe(
    `
website  no sprint is open

environments
  integration  ○  nothing yet
  alpha        ○  nothing yet
  prod         ○  nothing yet

waits for
  the remote does not answer  5 s

next
  slipway start VERSION
  slipway doctor
  slipway --help
`.trimStart(),
  )
})

test('a version that no sprint has: exit 4, and those that are open', async () => {
  expect(await slipway(['status', '9.9.9'], { open: opens({ sprint: async () => null }) })).toMatchObject({
    code: 4,
    err: 'no sprint 9.9.9 of website is known; open: 1.0.0\n  next: slipway start 9.9.9\n  next: slipway status 1.0.0\n',
  })
})

test('a project whose settings are not known yet still answers', async () => {
  const open = opens({ repository: async () => repositoryOf({ settings: null }), sprint: async () => sprintOf({ settings: SETTINGS }) })
  expect((await slipway(['env'], { open })).out).toBe('no environment of website is known yet\n')
  expect((await slipway(['env', '--json'], { open })).out).toBe('{\n  "environments": []\n}\n')
})
