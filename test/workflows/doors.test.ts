import { execFileSync } from 'node:child_process'
import type { Connection } from '@temporalio/client'
import { afterAll, beforeAll, test } from 'vitest'
import { createSshVerifier } from '../../activities/identity/ssh-verifier.ts'
import { createSigner } from '../../client/sign/signer.ts'
import { openSlipway } from '../../client/typed/open.ts'
import { estateSchema } from '../../config/estate-schema.ts'
import type { Action } from '../../domain/authorise.ts'
import type { Answer } from '../../domain/wait.ts'
import { requestSignal, settingsChangedSignal, settingsSignal } from '../../workflows/messages.ts'
import { deploymentId, mergeBackId } from '../../workflows/ids.ts'
import { MAIN_QUEUE } from '../../workflows/queues.ts'
import { keyring } from '../activities/identity/keys.ts'
import { RIGHTS, signedBy, withPolicy } from '../fakes/signed.ts'
import { ACTIONS, mayBe } from '../fakes/who-may.ts'
import { rev, sha256, until, World } from '../fakes/world.ts'
import { openHouse, type Scene } from './harness.ts'

/** Real workflows, and a verifier that knows whose each signature is; what a real one does: test/activities/identity. */

const worlds = {
  doors: new World('doors', withPolicy(), RIGHTS),
  everybody: new World('everybody', withPolicy(), RIGHTS),
  sprints: new World('sprints', withPolicy(), RIGHTS),
  votes: new World('votes', withPolicy({ count: 2 }), { ...RIGHTS, verified: false }),
  left: new World('left', withPolicy(), RIGHTS),
  keys: new World('keys', withPolicy(), RIGHTS),
  tightened: new World('tightened', withPolicy({ verified: false }), { ...RIGHTS, verified: false }),
  handed: new World('handed', withPolicy(), RIGHTS),
  both: new World('both', withPolicy({ verified: false }), { roles: null, verified: false }),
}
let house: Awaited<ReturnType<typeof openHouse>>

beforeAll(async () => {
  house = await openHouse(Object.values(worlds))
})
afterAll(() => house.close())

/** Who may do it, somebody who may not, and what is said. */
type Word = readonly [action: Action, may: string, mayNot: string, message: object]

const ENVIRONMENT: readonly Word[] = [
  ['approve', 'anne', 'dora', { request: 'v1', hash: 'h', reason: null }],
  ['reject', 'anne', 'quinn', { request: 'v1', hash: 'h', reason: 'no' }],
  ['withdrawApproval', 'bob', 'rita', { request: 'v1', hash: 'h', reason: null }],
  ['signOff', 'quinn', 'anne', { verdict: 'pass', epoch: 1, revision: rev('A'), message: null }],
  ['retry', 'dora', 'zoe', {}],
  ['rollback', 'rita', 'dora', { epoch: 1, reason: 'slow' }],
  ['override', 'anne', 'quinn', { request: 'v1', hash: 'h', reason: 'urgent' }],
  ['veto', 'rita', 'quinn', { epoch: 1, reason: 'slow' }],
  ['unveto', 'rita', 'quinn', { epoch: 1, reason: 'mended' }],
  ['resolve', 'anne', 'dora', { choice: 'retry', reason: 'mended' }],
  ['lock', 'quinn', 'dora', { reason: 'hands off' }],
  ['unlock', 'rita', 'dora', { reason: 'on' }],
  ['pin', 'quinn', 'dora', { reason: 'hands off' }],
  ['unpin', 'rita', 'dora', { reason: 'on' }],
  ['breakGlass', 'anne', 'rita', { request: 'v1', hash: 'h', reason: 'urgent', freeze: true }],
  ['confirm', 'bob', 'quinn', { epoch: 1, reason: 'seen' }],
  ['adopt', 'rita', 'anne', { tag: null }],
]
/** So long a word counts that the command line signs. */
const FIVE_MINUTES = 300_000
const SIGNALS = ['approve', 'reject', 'withdrawApproval', 'rollback'] as const
const SPOKEN = { approve: 'approve', reject: 'reject', withdrawApproval: 'withdraw an approval', rollback: 'rollback' }

const rights = { ok: false, kind: 'rights' }
const entriesOf = async (stage: Scene) => (await stage.environment('prod')).state.entries

test.concurrent('every word to an environment, by every door: signed by who may, and by nobody else', async ({ expect }) => {
  const world = worlds.doors
  const stage = house.stage(world)
  await stage.begin()
  const place = 'environment/prod'
  const prod = stage.handle.environment('prod')
  const say = (action: Action, message: object) =>
    prod.executeUpdate<Answer<{ text: string }>, [object]>(action === 'breakGlass' ? 'override' : action, { args: [message] })
  for (const [action, may, mayNot, message] of ENVIRONMENT) {
    // A name alone, of somebody who may.
    expect(await say(action, { ...message, by: { kind: 'person', name: may, verified: true } }), action).toMatchObject({
      ...rights,
      reason: expect.stringContaining('asks for signed words'),
    })
    expect(await say(action, signedBy(world, mayNot, place, action, message)), action).toMatchObject(rights)
    expect(await say(action, signedBy(world, may, 'environment/alpha', action, message)), action).toMatchObject(rights)
    expect(await say(action, signedBy(world, may, place, action === 'lock' ? 'unlock' : 'lock', message)), action).toMatchObject(rights)
    const forged = signedBy(world, may, place, action, message)
    expect(await say(action, { ...forged, signed: { ...forged.signed, signature: 'forged' } }), action).toMatchObject(rights)
    // Twice at the same moment: it counts once, and what it comes to is a matter of what there is.
    const word = signedBy(world, may, place, action, message)
    const answers = await Promise.all([say(action, word), say(action, word)])
    const replayed = answers.filter((answer) => !answer.ok && answer.kind === 'rights')
    expect(replayed, action).toEqual([expect.objectContaining({ reason: 'it was said already: a signed word counts once' })])
    expect(await say(action, word), action).toMatchObject(rights)
  }
  const { state } = await stage.environment('prod')
  expect(state.nonces?.length).toBe(2 * ENVIRONMENT.length)
  expect(state.current).toBeNull()
  await stage.assertHistories()
})

/** One person for each role, and one who has none. */
const PEOPLE = { developer: 'dora', qa: 'quinn', 'release-manager': 'rita', approver: 'anne', admin: 'ada', stranger: 'zoe' }

/** What is sent fits nothing that there is: who may is told so, and who may not is told that. */
const WORDS: Readonly<Record<Exclude<Action, 'abort'>, object>> = {
  ...(Object.fromEntries(ENVIRONMENT.map(([action, , , message]) => [action, message])) as Record<Action, object>),
  force: { epoch: 1, reason: 'slow', force: true },
  addFeature: { command: { kind: 'addFeature', branch: '-rf' } },
  removeFeature: { command: { kind: 'removeFeature', branch: 'feature/none' } },
  settleFeature: { command: { kind: 'settleFeature', branch: 'feature/none', revision: null } },
  cut: { command: { kind: 'cut', without: ['feature/none'] } },
  tag: { command: { kind: 'tag', revision: null } },
  hotfix: { command: { kind: 'hotfix' } },
  finish: { command: { kind: 'finish', mergedAs: null, target: null } },
  startSprint: { version: '1.0.0', features: [] },
  openHotfix: { version: '0.0.1', as: 'hotfix' },
  adoptSprint: { version: '0.0.1', as: 'adopt' },
  retryBuilds: {},
}

/** To force is said with a rollback, and is a right of its own. */
const spokenAs = (action: Action): Action => (action === 'force' ? 'rollback' : action)

test.concurrent('every word × every role × every door of the workflows: who may is heard, and nobody else', async ({ expect }) => {
  const world = worlds.everybody
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await until(
    () => stage.repository(),
    ({ settings }) => settings !== null,
  )
  const { repository, sprint: sprintOf } = stage.handle
  const sprint = sprintOf('1.0.0')
  const begin = signedBy(world, 'rita', 'repository', 'startSprint', { version: '1.0.0', features: [] })
  expect(await repository.executeUpdate<Answer<object>, [object]>('startSprint', { args: [begin] })).toMatchObject({ ok: true })
  const doorOf = (action: Action) => {
    if (action === 'startSprint') return { place: 'repository', to: repository, name: action }
    if (action === 'openHotfix' || action === 'adoptSprint') return { place: 'repository', to: repository, name: 'openSprint' }
    if (action === 'retryBuilds') return { place: 'repository', to: repository, name: action }
    return { place: 'sprint/1.0.0', to: sprint, name: 'command' }
  }
  const isHeard = (answer: Answer<object>) => answer.ok || answer.kind !== 'rights'
  const sayAll = async ([role, who]: readonly [string, string]) => {
    for (const action of ACTIONS) {
      if (action === 'abort') continue
      const message = WORDS[action]
      const own = action === 'force' || ENVIRONMENT.some(([each]) => each === action)
      const doors = own
        ? ['prod', 'alpha'].map((name) => ({
            place: `environment/${name}`,
            to: stage.handle.environment(name),
            name: action === 'breakGlass' ? 'override' : spokenAs(action),
          }))
        : [doorOf(action)]
      for (const { place, to, name } of doors) {
        const answer = await to.executeUpdate<Answer<object>, [object]>(name, {
          args: [signedBy(world, who, place, spokenAs(action), message)],
        })
        expect(isHeard(answer), `${action} to ${place} by ${role}: ${JSON.stringify(answer)}`).toBe(
          mayBe(action, role, place !== 'environment/alpha'),
        )
      }
    }
  }
  await Promise.all(Object.entries(PEOPLE).map(sayAll))
  // The last word of a sprint, by those who may not say it before by the one who may.
  for (const role of ['developer', 'qa', 'approver', 'stranger', 'release-manager'] as const) {
    const word = signedBy(world, PEOPLE[role], 'sprint/1.0.0', 'abort', { command: { kind: 'abort', reason: 'done' } })
    expect(isHeard(await sprint.executeUpdate<Answer<object>, [object]>('command', { args: [word] })), role).toBe(
      mayBe('abort', role, true),
    )
  }
  // Signals have no answer: what came of each stands in the record.
  for (const name of ['prod', 'alpha']) {
    const before = (await stage.environment(name)).state.nonces?.length ?? 0
    for (const [role, who] of Object.entries(PEOPLE)) {
      for (const action of SIGNALS) {
        const word = signedBy(world, who, `environment/${name}`, action, { ...WORDS[action], request: role })
        await stage.handle.environment(name).signal(action, word)
      }
    }
    const { entries } = await until(
      async () => (await stage.environment(name)).state,
      ({ nonces }) => nonces?.length === before + SIGNALS.length * Object.keys(PEOPLE).length,
    )
    for (const [role, who] of Object.entries(PEOPLE))
      for (const action of SIGNALS) {
        const refused = entries.some(
          ({ event, text }) => event === 'denied' && text.includes(`: ${who} may not ${SPOKEN[action]} in ${name}`),
        )
        expect(refused, `${action} to ${name} by ${role}`).toBe(!mayBe(action, role, name === 'prod'))
      }
  }
})

test.concurrent('an unsigned Signal changes nothing and is recorded; a signed one counts; a hint about the estate is only a hint', async ({
  expect,
}) => {
  const world = worlds.left
  const stage = house.stage(world)
  await stage.begin()
  const prod = stage.handle.environment('prod')
  await prod.signal(requestSignal, request(world, 1))
  const vote = await stage.vote('prod')
  const message = { request: vote.request, hash: vote.hash, reason: 'looked at it' }
  for (const action of SIGNALS) await prod.signal(action, { ...message, epoch: 1, by: 'anne' })
  for (const action of SIGNALS) await prod.signal(action, { ...message, epoch: 1, by: 'anne', signed: { statement: '{}', signature: '' } })
  const denials = await until(
    async () => (await entriesOf(stage)).filter(({ event }) => event === 'denied'),
    (entries) => entries.length === 2 * SIGNALS.length,
  )
  expect(denials.filter(({ by, text }) => by === 'anne (unverified)' && text.includes('asks for signed words'))).toHaveLength(
    SIGNALS.length,
  )
  // Somebody says that the estate has changed: it says what it said.
  await prod.signal(settingsChangedSignal)
  await prod.signal('settingsChanged', { approval: { verified: false } })
  await prod.signal('approve', { ...message, by: 'anne' })
  await until(
    () => entriesOf(stage),
    (entries) => entries.filter(({ event }) => event === 'denied').length === 2 * SIGNALS.length + 1,
  )
  // By the time that it is known who signed, the word has expired.
  const early = signedBy(world, 'anne', 'environment/prod', 'approve', message, Date.now() - FIVE_MINUTES + 5000)
  world.verifier = async ({ signed: { signature }, who }) => {
    await until(
      () => Date.now(),
      (now) => now >= JSON.parse(early.signed.statement).expires,
    )
    return world.identify(signature, who)
  }
  await prod.signal('approve', early)
  await until(
    () => entriesOf(stage),
    (entries) => entries.some(({ text }) => text.includes('expired before it was known who signed')),
  )
  world.verifier = null
  // Anne leaves: her key is still among the signers, and counts for nothing here.
  world.settings = { ...world.settings, rights: { ...RIGHTS, roles: { ...RIGHTS.roles!, approver: ['bob'] } } }
  await prod.signal('approve', signedBy(world, 'anne', 'environment/prod', 'approve', message))
  await until(
    () => entriesOf(stage),
    (entries) => entries.some(({ text }) => text.includes('anne may not approve in prod; who may: bob')),
  )
  await prod.signal('approve', signedBy(world, 'bob', 'environment/prod', 'approve', message))
  const { state } = await stage.runs('prod', 'build-1')
  expect(state.current?.approval).toMatchObject({ by: { name: 'bob', verified: true, key: expect.stringContaining('SHA256:') } })
})

test.concurrent('sprints and the repository hear by the same rules', async ({ expect }) => {
  const world = worlds.sprints
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await until(
    () => stage.repository(),
    ({ settings }) => settings !== null,
  )
  const repository = stage.handle.repository
  const begin = (message: object) => repository.executeUpdate<Answer<{ text: string }>, [object]>('startSprint', { args: [message] })
  const wish = { version: '1.0.0', features: [] }
  expect(await begin({ ...wish, by: { kind: 'person', name: 'rita', verified: true } })).toMatchObject(rights)
  expect(await begin(signedBy(world, 'dora', 'repository', 'startSprint', wish))).toMatchObject(rights)
  expect(await begin({ ...signedBy(world, 'rita', 'repository', 'startSprint', wish), version: '6.6.6' })).toMatchObject({ ok: true })
  expect((await stage.repository()).entries.filter(({ event }) => event === 'denied')).toHaveLength(2)
  for (const as of ['hotfix', 'adopt'] as const) {
    const action = as === 'adopt' ? 'adoptSprint' : 'openHotfix'
    const open = (message: object) => repository.executeUpdate<Answer<object>, [object]>('openSprint', { args: [message] })
    expect(await open({ version: '0.9.0', as, by: 'rita' })).toMatchObject(rights)
    expect(await open(signedBy(world, 'quinn', 'repository', action, { version: '0.9.0', as }))).toMatchObject(rights)
    expect(await open(signedBy(world, 'rita', 'repository', action, { version: '0.9.0', as }))).not.toMatchObject(rights)
  }
  const retry = (message: object) => repository.executeUpdate<Answer<object>, [object]>('retryBuilds', { args: [message] })
  expect(await retry({ by: 'rita' })).toMatchObject(rights)
  expect(await retry(signedBy(world, 'dora', 'repository', 'retryBuilds', {}))).not.toMatchObject(rights)

  const sprint = stage.handle.sprint('1.0.0')
  const commands = [
    { kind: 'addFeature', branch: 'feature/a' },
    { kind: 'settleFeature', branch: 'feature/a', revision: null },
    { kind: 'removeFeature', branch: 'feature/a' },
    { kind: 'cut', without: [] },
    { kind: 'tag', revision: null },
    { kind: 'hotfix' },
    { kind: 'finish', mergedAs: null, target: null },
    { kind: 'abort', reason: 'done' },
  ] as const
  const say = (message: object) => sprint.executeUpdate<Answer<object>, [object]>('command', { args: [message] })
  // Somebody tells the sprint that nobody has to sign any more: the estate says otherwise.
  const { rights: _rights, ...open } = world.settings
  await sprint.signal(settingsSignal, open)
  let last = {}
  for (const command of commands) {
    const { kind } = command
    expect(await say({ command, by: { kind: 'person', name: 'rita', verified: true } }), kind).toMatchObject(rights)
    expect(await say(signedBy(world, 'quinn', 'sprint/1.0.0', kind, { command })), kind).toMatchObject(rights)
    expect(await say(signedBy(world, 'rita', 'sprint/2.0.0', kind, { command })), kind).toMatchObject(rights)
    const other = signedBy(world, 'rita', 'sprint/1.0.0', kind, {
      command: { kind: kind === 'abort' ? 'cut' : 'abort', reason: 'x', without: [] },
    })
    expect(await say({ ...other, command }), kind).toMatchObject({ ok: false, reason: expect.stringContaining('what was signed is') })
    last = signedBy(world, 'rita', 'sprint/1.0.0', kind, { command })
    expect(await say(last), kind).not.toMatchObject(rights)
  }
  expect((await stage.sprint('1.0.0')).state.phase).toBe('aborted')

  // Opened anew: what was said to the sprint before counts no second time.
  await until(
    () => stage.repository(),
    ({ sprints }) => sprints.length === 0,
  )
  expect(await begin(signedBy(world, 'rita', 'repository', 'startSprint', wish))).toMatchObject({ ok: true })
  expect(await say(last)).toMatchObject({ ...rights, reason: 'it was said already: a signed word counts once' })
  expect((await stage.sprint('1.0.0')).state.phase).not.toBe('aborted')
})

test.concurrent('an estate that has just come to ask for signed words is obeyed at once, by every workflow', async ({ expect }) => {
  const world = worlds.tightened
  const stage = house.stage(world)
  world.push('develop', 'A')
  await stage.begin()
  await until(
    () => stage.repository(),
    ({ settings }) => settings !== null,
  )
  const { repository, environment, sprint } = stage.handle
  const by = { kind: 'person', name: 'ada' }
  const start = { version: '1.0.0', features: [], by }
  expect(await repository.executeUpdate<Answer<object>, [object]>('startSprint', { args: [start] })).toMatchObject({ ok: true })
  const addFeature = (branch: string) => ({ command: { kind: 'addFeature', branch }, by })
  const say = (message: object) => sprint('1.0.0').executeUpdate<Answer<object>, [object]>('command', { args: [message] })
  const lock = () => environment('prod').executeUpdate<Answer<object>, [object]>('lock', { args: [{ by, reason: 'hands off' }] })
  expect(await say(addFeature('feature/a'))).toMatchObject({ ok: true })
  expect(await say({ command: { kind: 'explode' }, by })).toMatchObject({ ok: false })

  // Nobody hints, and nobody looks at the remote: the estate says it, and that is enough.
  world.settings = { ...world.settings, environments: withPolicy(), rights: RIGHTS }
  expect(await say(addFeature('feature/b'))).toMatchObject(rights)
  expect(await repository.executeUpdate<Answer<object>, [object]>('retryBuilds', { args: [{ by }] })).toMatchObject(rights)
  for (const [action, , , message] of ENVIRONMENT) {
    const name = action === 'breakGlass' ? 'override' : action
    const answer = await environment('prod').executeUpdate<Answer<object>, [object]>(name, { args: [{ ...message, by }] })
    expect(answer, action).toMatchObject({ ...rights, reason: expect.stringContaining('asks for signed words') })
  }
  // While it cannot be read, what was known counts.
  world.settings = { ...world.settings, environments: withPolicy({ verified: false }), rights: { ...RIGHTS, verified: false } }
  world.before = (activity) => {
    if (activity === 'readSettings') throw new Error('the file is being written')
  }
  expect(await lock()).toMatchObject(rights)
  world.before = () => undefined
  expect(await lock()).toMatchObject({ ok: true })
  expect((await stage.sprint('1.0.0')).state.entries.filter(({ event }) => event === 'denied').map(({ text }) => text)).toEqual([
    expect.stringContaining('an unknown command was denied: expected a command'),
    expect.stringContaining('feature add was denied: the sprint 1.0.0 asks for signed words'),
  ])
  expect((await stage.repository()).entries.filter(({ event }) => event === 'denied')).toHaveLength(1)
})

test.concurrent('two approve; one takes it back while it is locked; approvals lapse by themselves, and the request stays', async ({
  expect,
}) => {
  const world = worlds.votes
  const stage = house.stage(world)
  await stage.begin()
  const place = 'environment/prod'
  const prod = stage.handle.environment('prod')
  const say = (action: Action, who: string, message: object) =>
    prod.executeUpdate<Answer<{ text: string }>, [object]>(action, { args: [signedBy(world, who, place, action, message)] })
  await prod.signal(requestSignal, request(world, 1))
  const { request: id, hash } = await stage.vote('prod')
  const vote = { request: id, hash, reason: null }
  expect(await say('lock', 'quinn', { reason: 'not yet' })).toMatchObject({ ok: true })
  expect(await say('approve', 'anne', vote)).toMatchObject({ ok: true, text: expect.stringContaining('1 of 2 still missing') })
  expect(await say('approve', 'anne', vote)).toMatchObject({ ok: false, kind: 'state' })
  expect(await say('approve', 'bob', vote)).toMatchObject({ ok: true, text: `${id} is approved for prod` })
  expect(await say('withdrawApproval', 'bob', vote)).toMatchObject({ ok: true })
  expect((await stage.environment('prod')).waits.find(({ kind }) => kind === 'approval')?.detail).toContain('1 of 2 still missing')
  // From now on one lapses at once.
  const asBefore = world.settings
  world.settings = { ...asBefore, environments: withPolicy({ count: 2, expiresMs: 1 }) }
  await prod.signal(settingsChangedSignal)
  const { state } = await until(
    () => stage.environment('prod'),
    (view) => view.state.entries.some(({ event }) => event === 'lapsed'),
  )
  world.settings = asBefore
  await prod.signal(settingsChangedSignal)
  expect(state.waiting[0]?.stage).not.toHaveProperty('votes')
  expect(await say('unlock', 'rita', { reason: 'now' })).toMatchObject({ ok: true })
  expect(await Promise.all([say('approve', 'anne', vote), say('approve', 'bob', vote)])).toMatchObject([{ ok: true }, { ok: true }])
  const { state: after } = await stage.runs('prod', 'build-1')
  expect(after.current?.approval).toMatchObject({ earlier: [{ by: { verified: true } }] })
})

test.concurrent('what the command line signs with a key, a worker verifies by OpenSSH', async ({ expect }) => {
  const world = worlds.keys
  const keys = keyring()
  try {
    for (const name of ['anne', 'eve']) keys.key(name)
    keys.allow(`anne@example.org namespaces="slipway" ${keys.publicKey('anne')}`)
    const file = estateSchema.parse({
      registry: { address: 'r.example' },
      signers: keys.signers,
      people: { anne: { emails: ['anne@example.org'] } },
      projects: { keys: { repository: { url: '/r.git' }, environments: {} } },
    })
    const verify = createSshVerifier({ estate: { file, hash: '' }, environment: process.env })
    world.verifier = async ({ signed: word, who }) => {
      const verdict = await verify(word, who, new AbortController().signal)
      return verdict.ok ? { ...verdict, statement: `sha256:${sha256(word.statement)}` } : verdict
    }
    const stage = house.stage(world)
    await stage.begin()
    await stage.handle.environment('prod').signal(requestSignal, request(world, 1))
    const vote = await stage.vote('prod')
    const { client, address } = stage
    const as = (name: string, key: string) => {
      const out = { write: () => true }
      const io = { out, err: out, env: process.env, cwd: keys.folder, now: () => Date.now(), onInterrupt: () => () => undefined }
      return openSlipway(
        { client, connection: client.connection as Connection, address, namespace: 'default' },
        'keys',
        createSigner(io, { as: name, key }),
      )
    }
    expect(await as('anne', 'eve').approve('prod', vote)).toMatchObject({
      ...rights,
      reason: expect.stringContaining('not among the signers'),
    })
    expect(await as('bob', 'anne').approve('prod', vote)).toMatchObject({ ...rights, reason: expect.stringContaining('say --as anne') })
    expect(await as('anne', 'anne').hold('prod', 'lock', { by: vote.by, reason: 'not yet' })).toMatchObject({ ok: true })
    expect(await as('anne', 'anne').approve('prod', vote)).toMatchObject({ ok: true })
    expect(await as('anne', 'anne').withdrawApproval('prod', vote)).toMatchObject({ ok: true })
    expect(await as('anne', 'anne').approve('prod', vote)).toMatchObject({ ok: true })
    expect(await as('anne', 'anne').release('prod', 'lock', { by: vote.by, reason: null })).toMatchObject({ ok: true })
    const { state } = await stage.runs('prod', 'build-1')
    const fingerprint = execFileSync('ssh-keygen', ['-lf', `${keys.folder}/anne.pub`], { encoding: 'utf8' }).split(' ')[1]
    expect(state.current?.approval?.by).toMatchObject({ name: 'anne', verified: true, key: fingerprint })
  } finally {
    keys.remove()
  }
})

test.concurrent('what a person decided is signed for the deployment, too: who only signals ends nothing and skips nothing', async ({
  expect,
}) => {
  const world = worlds.handed
  const stage = house.stage(world)
  await stage.begin()
  const place = 'environment/prod'
  const prod = stage.handle.environment('prod')
  const say = (action: Action, who: string, message: object) =>
    prod.executeUpdate<Answer<{ text: string }>, [object]>(action, { args: [signedBy(world, who, place, action, message)] })
  const denial = (text: string) =>
    until(
      () => entriesOf(stage),
      (entries) => entries.some((entry) => entry.event === 'denied' && entry.text.includes(text)),
    )
  const approved = async (number: number) => {
    await prod.signal(requestSignal, request(world, number))
    const { request: id, hash } = await stage.vote('prod')
    expect(await say('approve', 'anne', { request: id, hash, reason: null })).toMatchObject({ ok: true })
  }
  await approved(0)
  await stage.runs('prod', 'build-0')
  const content = `sha256:${'0'.repeat(64)}`
  world.plannedHooks.set('prod', { hooks: [{ name: 'migrate', when: 'before', kind: 'command', content, timeoutSeconds: 60 }] })
  world.hookEnds.set('migrate', 'fails')
  await approved(1)
  const halted = (number: number) =>
    until(
      () => stage.environment('prod'),
      ({ state }) => state.running?.halt?.number === number,
    )
  await halted(1)
  const deployment = stage.client.workflow.getHandle(deploymentId('handed', 'prod', 2))
  const anne = { kind: 'person', name: 'anne', verified: true }
  // Words that the environment never heard.
  await deployment.signal('resolution', { epoch: 2, halt: 1, choice: 'skip', by: anne })
  await denial('resolve of epoch 2 was denied: prod asks for signed words')
  await deployment.signal('standDown', { reason: 'anne asked for the way back', by: anne })
  await denial('rollback of epoch 2 was denied: prod asks for signed words')
  const skip = { choice: 'skip', reason: 'in haste' }
  const { signed: ofDora } = signedBy(world, 'dora', place, 'resolve', skip)
  await deployment.signal('resolution', { epoch: 2, halt: 1, choice: 'skip', by: anne, signed: ofDora })
  await denial('dora may not resolve')
  const word = signedBy(world, 'anne', place, 'resolve', { choice: 'retry', reason: 'mended' })
  await deployment.signal('resolution', { epoch: 2, halt: 1, choice: 'skip', by: anne, signed: word.signed })
  await denial('what was signed is retry, not skip')
  expect((await halted(1)).state.running?.halt?.hook).toBe('migrate')
  expect(world.hooks).toHaveLength(1)
  // One that counted, and the same once more for what came after it.
  const again = signedBy(world, 'anne', place, 'resolve', { choice: 'retry', reason: 'mended' })
  expect(await prod.executeUpdate<Answer<object>, [object]>('resolve', { args: [again] })).toMatchObject({ ok: true })
  await halted(2)
  await deployment.signal('resolution', { epoch: 2, halt: 2, choice: 'retry', by: anne, signed: again.signed })
  await denial('resolve of epoch 2 was denied: it was said already')
  expect(world.hooks).toHaveLength(2)
  expect(await say('rollback', 'rita', { epoch: 1, reason: 'enough' })).toMatchObject({ ok: true })
  const { state } = await stage.runs('prod', 'build-0')
  expect(state.epoch).toBe(3)
  expect(state.closed.find(({ tag }) => tag === 'build-1')?.reason).toContain('it was ended: rita asked for the way back')

  // The same of a merge-back: by which commit the release came to a branch.
  world.conflicting.add('develop')
  const by = { kind: 'automation', name: 'sprint 1.0.0' }
  const input = { project: 'handed', version: '1.0.0', tag: 'v1.0.0', revision: rev('A'), branches: ['develop'], younger: [], by }
  await stage.client.workflow.start('mergeBack', {
    taskQueue: MAIN_QUEUE,
    workflowId: mergeBackId('handed', 'v1.0.0'),
    args: [{ ...input, startedAt: Date.now(), heard: RIGHTS }],
    staticSummary: 'v1.0.0 into develop',
  })
  const merge = stage.handle.mergeBack('v1.0.0')
  const finish = (who: string, mergedAs: string) =>
    signedBy(world, who, 'sprint/1.0.0', 'finish', { command: { kind: 'finish', mergedAs, target: null } }).signed
  const wish = { target: 'develop', revision: rev('B'), by: anne }
  await merge.signal('mergedAs', wish)
  await merge.signal('mergedAs', { ...wish, signed: finish('quinn', rev('B')) })
  await merge.signal('mergedAs', { ...wish, signed: finish('rita', rev('C')) })
  await merge.signal('mergedAs', { ...wish, signed: finish('rita', rev('B')) })
  const { entries } = await until(
    () => stage.mergeBack('v1.0.0'),
    ({ entries: known }) => known.some(({ event }) => event === 'said') && known.filter(({ event }) => event === 'denied').length === 3,
  )
  // Each has its signer found out by itself: in which order is nobody's promise.
  const seen = entries.map(({ event, text, by: who }) => `${event} by ${who}: ${text}`)
  for (const line of [/^denied .*asks for signed words/, /^denied .*quinn may not finish/, /^denied by rita: .*not what was sent/])
    expect(seen).toContainEqual(expect.stringMatching(line))
  expect(seen.filter((line) => line.startsWith('said'))).toEqual([`said by rita: develop has it as ${rev('B').slice(0, 8)}`])
})

/** As many as the real workflow gets through in the time that a test may take; `SLIPWAY_TEST_WHOLE=1` takes the whole thousand. */
const WHOLE = process.env['SLIPWAY_TEST_WHOLE'] === '1'
const BOTH_WITHIN_MS = WHOLE ? 1_500_000 : 15_000

test.concurrent(
  'approve and reject at the same moment, again and again across runs: it ends one way, and the loser is told',
  { timeout: BOTH_WITHIN_MS + 45_000 },
  async ({ expect }) => {
    const world = worlds.both
    const stage = house.stage(world)
    await stage.begin(120)
    const prod = stage.handle.environment('prod')
    const { client, address } = stage
    const slipway = openSlipway({ client, connection: client.connection as Connection, address, namespace: 'default' }, 'both')
    const runs = new Set<string>()
    const began = Date.now()
    let count = 0
    for (; Date.now() - began < BOTH_WITHIN_MS && count < 1000; count++) {
      await prod.signal(requestSignal, request(world, count))
      const vote = await stage.vote('prod')
      expect(vote.request).toBe(`build-${count}`)
      const [first, second] = count % 2 === 0 ? (['approve', 'reject'] as const) : (['reject', 'approve'] as const)
      const say = (action: 'approve' | 'reject', name: string) =>
        slipway[action]('prod', { ...vote, by: { kind: 'person', name, verified: false }, reason: 'now' })
      const answers = await Promise.all([say(first, 'anne'), say(second, 'bob')])
      const [approved, rejected] = first === 'approve' ? answers : answers.toReversed()
      // Who rejects what was approved and has not begun ends it; who comes too late for that is refused, and so is who approves.
      expect(answers.some(({ ok }) => ok)).toBe(true)
      for (const answer of answers)
        if (!answer.ok) expect(answer.reason).toMatch(/is closed \(rejected\)|is being deployed|is deployed already/)
      const { state } = await until(
        () => stage.environment('prod'),
        (view) => view.state.waiting.length === 0 && view.state.running === null,
      )
      expect(state.current?.request === vote.request).toBe(rejected?.ok === false)
      expect(approved?.ok === true || rejected?.ok === true).toBe(true)
      const closed = state.closed.find(({ id, outcome }) => id === vote.request && outcome === 'rejected')
      expect(closed !== undefined).toBe(rejected?.ok)
      // Who was told that it is approved is told that it is not any more.
      const overturned = approved?.ok === true && rejected?.ok === true
      expect(closed?.overturned?.names).toEqual(overturned ? [first === 'approve' ? 'anne (unverified)' : 'bob (unverified)'] : undefined)
      if (overturned)
        expect(state.entries.some(({ event, text }) => event === 'overturned' && text.startsWith(`${vote.request}: `))).toBe(true)
      runs.add((await prod.describe()).runId)
    }
    expect(count).toBeGreaterThanOrEqual(WHOLE ? 1000 : 5)
    expect(runs.size).toBeGreaterThan(1)
  },
)

function request(world: World, number: number) {
  const name = `build ${number}`
  world.parents.set(rev(name), number === 0 ? [] : [rev(`build ${number - 1}`)])
  const tag = `build-${number}`
  const image = { service: 'api', repository: 'eap/api', digest: `sha256:${sha256(name)}`, inputs: sha256(`in ${name}`), reused: false }
  const candidate = { revision: rev(name), images: [image], configHash: sha256('slipway.yaml') }
  const by = { kind: 'automation' as const, name: 'sprint 1.0.0' }
  return { id: tag, candidate, tag, version: null, by, at: Date.now() + number, rewritten: false }
}
