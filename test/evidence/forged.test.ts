import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestHash } from '../../config/made-of.ts'
import type { Approval, Deployed } from '../../domain/environment/state.ts'
import { verifyEvidence } from '../../evidence/verify.ts'
import { AT, makeBundle, makeKeys, say, type Keys, type Prod } from './made.ts'

/**
 * Bundles that somebody forged who has the operator's key, and so seals whatever they like. What they lack is people's keys.
 * The seal says nothing here, and is left out where it would only take time.
 */

let keys: Keys
beforeAll(async () => {
  keys = await makeKeys()
})
afterAll(() => keys.close())

type Made = Parameters<typeof makeBundle>[1]
type Said = Awaited<ReturnType<typeof say>>

const foundIn = async (made: Made) => {
  const { notes, ...found } = await verifyEvidence(await makeBundle(keys, { ...made, unsigned: true }), null)
  return { ...found, notes: notes.filter((text) => !text.includes('not signed') && !text.includes('were not checked')) }
}
const problemsOf = async (made: Made) => (await foundIn(made)).problems
const sealed = async (made: Made) => await verifyEvidence(await makeBundle(keys, made), keys.signers)

/** The newest deployment of prod, changed. */
const deployed =
  (change: (newest: Deployed & { approval: Approval }) => object) =>
  (prod: Prod): object => ({
    ...prod,
    deployments: prod.deployments.map((each) => ({ ...each, ...change(each as Deployed & { approval: Approval }) })),
  })
const asking = (policy: object) => (prod: Prod) => ({
  ...prod,
  settings: { ...prod.settings, approval: { ...prod.settings.approval, ...policy } },
})
const anybody = { kind: 'person', name: 'carol', verified: false } as const

describe('what nobody approved', () => {
  test('does not pass in an environment that is guarded', async () => {
    const { ok, problems, signedBy } = await sealed({ prod: deployed(() => ({ approval: null })) })
    expect({ ok, problems, signedBy }).toEqual({
      ok: false,
      problems: ['epoch 4 of "prod" was not approved, and "prod" is guarded'],
      signedBy: 'worker',
    })
  })

  test('nor where the record hides whether it is', async () => {
    const prod = (record: Prod) => ({ ...(deployed(() => ({ approval: null }))(record) as Prod), settings: null })
    expect(await problemsOf({ prod })).toEqual(['epoch 4 of "prod" was not approved, and the record does not say whether it had to be'])
  })

  test('passes where nobody has to approve, which is said of releases', async () => {
    const prod = (record: Prod) => ({
      ...(deployed(() => ({ approval: null }))(record) as Prod),
      settings: { ...record.settings, guarded: false },
    })
    const { ok, notes } = await foundIn({ prod })
    expect({ ok, notes }).toEqual({ ok: true, notes: ['"prod" is not guarded: nobody had to approve what was released there'] })
  })

  test('is judged by whether it had to be approved as it began, whatever the settings say by now', async () => {
    expect(await problemsOf({ prod: deployed(() => ({ approval: null, guarded: false })) })).toEqual([])
    const prod = (record: Prod) => ({
      ...(deployed(() => ({ approval: null, guarded: true }))(record) as Prod),
      settings: { ...record.settings, guarded: false },
    })
    expect((await problemsOf({ prod })).join()).toContain('was not approved')
  })

  test('is not made a way back by a word, or by what it rests on', async () => {
    const rollback = { fromEpoch: 3, fromTag: 'v0.9.0', fromVersion: null, by: anybody, reason: 'it fell over' }
    const way = { approval: null, rollback, request: 'rollback-2' }
    expect(await problemsOf({ prod: deployed(() => way) })).toEqual(['epoch 4 of "prod" was not approved, and "prod" is guarded'])
    const other = deployed(({ approval }) => ({ ...way, rests: { ...approval, hash: 'f'.repeat(64) } }))
    expect((await problemsOf({ prod: other })).join()).toContain('the approval that it went back to is of something else')
    const request = deployed(({ approval }) => ({ ...way, request: 'v1.0.0', rests: approval }))
    expect((await problemsOf({ prod: request })).join()).toContain('was not approved')
  })

  test('a way back to what was approved needs no approval of its own', async () => {
    const rollback = { fromEpoch: 3, fromTag: 'v0.9.0', fromVersion: null, by: anybody, reason: 'it fell over' }
    const way = deployed(({ approval }) => ({ approval: null, rollback, request: 'rollback-2', rests: approval }))
    expect(await foundIn({ prod: way })).toMatchObject({ ok: true, problems: [] })
    const told = (record: Prod) => {
      const [first] = record.deployments
      return { ...record, deployments: [first, { ...first, epoch: 6, approval: null, rollback, request: 'rollback-4~2' }] }
    }
    expect(await foundIn({ prod: told })).toMatchObject({ ok: true, problems: [] })
  })

  test('what ran before Slipway is said to be that, and only the first can be', async () => {
    const first = { approval: null, adopted: true, request: 'adopted' }
    const { ok, notes } = await foundIn({ prod: deployed(() => first) })
    expect({ ok, notes }).toEqual({ ok: true, notes: ['epoch 4 of "prod" ran before Slipway came: nobody approved it'] })
    const later = (record: Prod) => ({ ...record, deployments: [record.deployments[0], { ...record.deployments[0], epoch: 5, ...first }] })
    expect((await problemsOf({ prod: later })).join()).toContain(
      'epoch 5 of "prod" is said to have run before Slipway came, and epoch 4 did',
    )
  })
})

describe('too few approved it', () => {
  const wanted = asking({ count: 2, required: ['bob'] })

  test('one of two, and not the one that has to', async () => {
    expect(await problemsOf({ prod: wanted })).toEqual([
      'epoch 4 of "prod": 1 of the 2 people who have to approve it did',
      'epoch 4 of "prod": "bob" has to approve it, and did not',
    ])
  })

  test('both did, each by a word of their own', async () => {
    const hash = await hashOf()
    const bob = await say(keys, { who: 'bob', message: { request: 'v1.0.0', hash } })
    const earlier = [{ by: bob.by, at: AT, reason: null }]
    const both = deployed(({ approval }) => ({ approval: { ...approval, earlier } }))
    expect(await problemsOf({ more: [bob.member], prod: (prod) => wanted(both(prod) as Prod) })).toEqual([])
    // With her key in his name it is still her.
    const twice = await say(keys, { who: 'bob', signedBy: 'alice', message: { request: 'v1.0.0', hash } })
    const own = [{ by: { ...twice.by, key: keys.alice.fingerprint }, at: AT, reason: null }]
    const forged = deployed(({ approval }) => ({ approval: { ...approval, earlier: own } }))
    const { problems, notes } = await sealed({ more: [twice.member], prod: (prod) => wanted(forged(prod) as Prod) })
    expect(problems).toEqual(['epoch 4 of "prod": one person approved it twice'])
    expect(notes).toEqual(['this approval in epoch 4 of "prod" is by "bob", with the key of "alice": are they one person?'])
  })

  test('a policy that has changed since is said, and the one of that time is held to', async () => {
    const then = deployed(({ approval }) => ({ approval: { ...approval, policy: { count: 1, required: [], verified: true } } }))
    const { ok, notes } = await foundIn({ prod: (prod) => wanted(then(prod) as Prod) })
    expect({ ok, notes }).toEqual({
      ok: true,
      notes: ['epoch 4 of "prod": it was approved when fewer had to: 1; the record\'s settings ask for 2, among them "bob"'],
    })
    const more = deployed(({ approval }) => ({ approval: { ...approval, policy: { count: 2, required: [], verified: true } } }))
    expect((await problemsOf({ prod: more })).join()).toContain('1 of the 2 people')
  })

  test('a name that nobody signed for, where approvals have to be signed; elsewhere it is said', async () => {
    const typed = deployed(({ approval }) => ({ approval: { ...approval, by: { ...anybody, name: 'alice' } } }))
    expect(await problemsOf({ prod: typed })).toEqual([
      'epoch 4 of "prod": the approval by "alice" is not verified, and approvals have to be signed there',
    ])
    const { ok, notes } = await foundIn({ prod: (prod) => asking({ verified: false })(typed(prod) as Prod) })
    expect({ ok, notes }).toEqual({
      ok: true,
      notes: ['epoch 4 of "prod": the approval by "alice" is not verified: the name is what the caller said'],
    })
  })

  test('somebody who may not approve there is named', async () => {
    const { notes } = await foundIn({ prod: (prod) => ({ ...prod, settings: { ...prod.settings, approvers: ['bob'] } }) })
    expect(notes).toEqual(['epoch 4 of "prod": "alice" is not among those who may approve, by the record\'s settings'])
  })
})

describe('an approval is of one request, at its time', () => {
  test('another request of the same content', async () => {
    expect(await problemsOf({ prod: deployed(() => ({ request: 'v1.0.0~2' })) })).toEqual([
      'epoch 4 of "prod": the approval is of the request "v1.0.0", and "v1.0.0~2" was deployed',
    ])
    // Only what is put there once more keeps the approval that it had.
    expect((await problemsOf({ prod: deployed(() => ({ request: 'v1.0.0~2', origin: 4 })) })).join()).toContain('"v1.0.0~2" was deployed')
    expect(await problemsOf({ prod: deployed(() => ({ epoch: 5, request: 'rollback-4', origin: 4, askedAt: AT + 20_000 })) })).toEqual([])
  })

  test('before it was asked for, or after it ran', async () => {
    const words = 'it was approved before it was asked for, or after it ran'
    expect((await problemsOf({ prod: deployed(() => ({ askedAt: AT + 1 })) })).join()).toContain(words)
    expect((await problemsOf({ prod: deployed(() => ({ since: AT - 1 })) })).join()).toContain(words)
  })

  test('a word that had expired when it was recorded, or was not said yet', async () => {
    const late = deployed(({ approval }) => ({ approval: { ...approval, at: AT + 60_000 }, since: AT + 90_000 }))
    expect((await problemsOf({ prod: late })).join()).toMatch(
      /signed is not this approval .* when it was recorded, 2026-06-01T12:01:00.000Z: .*expired/,
    )
    expect((await problemsOf({ statementAt: AT + 200_000 })).join()).toContain('it was signed in the future')
  })

  test('a key that is no longer good signs with an older date: the record is of another time', async () => {
    const backdated = await say(keys, { message: { request: 'v1.0.0', hash: await hashOf() }, at: AT - 86_400_000, expires: AT + 60_000 })
    const prod = deployed(({ approval }) => ({ approval: { ...approval, by: backdated.by } }))
    expect((await problemsOf({ more: [backdated.member], prod })).join()).toContain('a signed word counts for 15 minutes at most')
  })
})

/** What a word has to be for: whatever is recorded of people, and how it is recorded. */
describe.each<[string, { action: string; message: object }, (by: Said['by']) => (prod: Prod) => object]>([
  [
    'a sign-off',
    { action: 'signOff', message: { verdict: 'pass', epoch: 4, revision: 'a'.repeat(40), message: null } },
    (by) => deployed(() => ({ signOff: { verdict: 'pass', by, at: AT, message: null } })),
  ],
  [
    'a rollback',
    { action: 'rollback', message: { epoch: 2, reason: 'it fell over' } },
    (by) =>
      deployed(({ approval }) => ({
        approval: null,
        rests: approval,
        request: 'rollback-2',
        askedAt: AT,
        rollback: { fromEpoch: 3, fromTag: 'v0.9.0', fromVersion: null, by, reason: 'it fell over' },
      })),
  ],
  [
    'a word on a freeze',
    { action: 'breakGlass', message: { request: 'v1.0.0', hash: 'h', reason: 'now', freeze: true } },
    (by) => deployed(() => ({ breakGlass: { hash: 'h', by, at: AT, reason: 'now', windows: ['night'] } })),
  ],
  [
    'a confirmation',
    { action: 'confirm', message: { epoch: 4, reason: null } },
    (by) =>
      deployed(() => ({
        breakGlass: { hash: 'h', by: anybody, at: AT, reason: 'now', windows: [], confirmed: { by, at: AT, reason: null } },
      })),
  ],
  [
    'an override',
    { action: 'override', message: { request: 'v2', hash: 'h', reason: 'it may' } },
    (by) => (prod) => ({
      ...prod,
      waiting: [{ request: { id: 'v2', by: anybody }, override: { by, at: AT, reason: 'it may', replacesEpoch: 4 } }],
    }),
  ],
  [
    'a request for what failed',
    { action: 'retry', message: {} },
    (by) => (prod) => ({ ...prod, parked: { request: { id: 'v1.0.0~2', by, at: AT }, epoch: 5 } }),
  ],
])('%s by somebody who is said to have signed', (_what, word, recorded) => {
  const held = async (more: object = {}) => {
    const said = await say(keys, { ...word, who: 'bob', ...more })
    return await problemsOf({ more: [said.member], prod: recorded(said.by) })
  }

  test('holds by their word for it', async () => {
    expect(await held()).toEqual([])
  })

  test('and by no other', async () => {
    const { by } = await say(keys, { ...word, who: 'bob' })
    expect((await problemsOf({ prod: recorded(by) })).join()).toMatch(/the statement of "bob" for .* is not in the bundle/)
    expect((await problemsOf({ prod: recorded({ ...by, statement: `sha256:${'0'.repeat(64)}` }) })).join()).toContain(
      'is not in the bundle',
    )
    for (const other of [
      { action: 'lock' },
      { place: 'environment/alpha' },
      { project: 'another' },
      { at: AT - 3_600_000, expires: AT - 3_500_000 },
      { at: AT + 3_600_000 },
    ])
      expect((await held(other)).join(), JSON.stringify(other)).toMatch(/what "bob" signed is not/)
    if (word.action !== 'retry')
      expect((await held({ message: { ...word.message, reason: 'else', message: 'else' } })).join()).toContain('something else')
    const said = await say(keys, { ...word, who: 'bob' })
    const key = { ...said.by, key: keys.alice.fingerprint }
    expect((await problemsOf({ more: [said.member], prod: recorded(key) })).join()).toContain('and the record names')
  })
})

test('one word is not used for two', async () => {
  const said = await say(keys, { who: 'bob', action: 'rollback', message: { epoch: 2, reason: 'it fell over' } })
  const rollback = { fromEpoch: 3, fromTag: 'v0.9.0', fromVersion: null, by: said.by, reason: 'it fell over' }
  const prod = (record: Prod) => {
    const [first] = record.deployments
    const back = { ...first, request: 'rollback-2', askedAt: AT, approval: null, rests: first?.approval, rollback }
    return { ...record, deployments: [back, { ...back, epoch: 5 }] }
  }
  expect((await problemsOf({ more: [said.member], prod })).join()).toContain('one statement of "bob" stands for two words')
})

test('a word in a place that no rule knows needs its statement, too', async () => {
  const said = await say(keys, { who: 'bob', action: 'lock', message: { reason: 'tonight' } })
  const prod = (record: Prod) => ({ ...record, lock: { by: said.by, at: AT, reason: 'tonight' } })
  expect(await problemsOf({ prod, more: [said.member] })).toEqual([])
  expect((await problemsOf({ prod })).join()).toContain('the statement of "bob" for what stands in "lock"')
})

test('who began and finished the sprint, and what its record shows of environments', async () => {
  const began = await say(keys, { action: 'startSprint', place: 'repository', message: { version: '1.0.0', features: [] } })
  const finish = { action: 'finish', place: 'sprint/1.0.0', message: { command: { kind: 'finish', mergedAs: null, target: null } } }
  const [finished, aborted] = [await say(keys, finish), await say(keys, { ...finish, message: { command: { kind: 'abort' } } })]
  const more = [began.member, finished.member, aborted.member]
  const sprint = { startedBy: began.by, mergeBack: { by: finished.by } }
  expect(await problemsOf({ more, sprint })).toEqual([])
  expect((await problemsOf({ more, sprint: { ...sprint, mergeBack: { by: aborted.by } } })).join()).toContain('is not the finish of 1.0.0')
  expect((await problemsOf({ more, sprint: { ...sprint, startedBy: finished.by } })).join()).toContain('is not the beginning of 1.0.0')
  const current = { epoch: 9, revision: 'b'.repeat(40), signOff: { verdict: 'pass', by: began.by, at: AT, message: null } }
  const pictured = { ...sprint, environments: { alpha: { environment: 'alpha', current } } }
  expect((await problemsOf({ more, sprint: pictured })).join()).toContain('is not this sign-off in epoch 9 of "alpha"')
})

test('a record is of the project and under the name that it says', async () => {
  expect((await problemsOf({ prod: (prod) => ({ ...prod, name: 'alpha' }) })).join()).toContain('is the record of "alpha" of "website"')
  expect((await problemsOf({ prod: (prod) => ({ ...prod, project: 'other' }) })).join()).toContain('is the record of "prod" of "other"')
  expect((await problemsOf({ sprint: { version: '2.0.0' } })).join()).toContain('is of another sprint than 1.0.0 of website')
})

test('nested deeper than any stack it is read all the same', async () => {
  const said = await say(keys, { who: 'bob', action: 'lock', message: {} })
  let deep: object = { by: said.by }
  for (let level = 0; level < 2_000; level++) deep = { deep }
  expect((await problemsOf({ prod: (prod) => ({ ...prod, deep }) })).join()).toContain('what stands in "deep"')
})

/** The hash of the request that made.ts has approved. */
async function hashOf(): Promise<string> {
  let found = ''
  await makeBundle(keys, {
    prod: (prod) => {
      const snapshotHash = prod.deployments[0]?.snapshot.hash ?? ''
      found = requestHash({ request: 'v1.0.0', snapshotHash, replacesEpoch: 3 })
      return prod
    },
  })
  return found
}
