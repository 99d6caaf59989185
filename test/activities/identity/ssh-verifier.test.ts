import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createIdentityActivities } from '../../../activities/identity/activities.ts'
import { createSshVerifier } from '../../../activities/identity/ssh-verifier.ts'
import { makeStatement } from '../../../client/sign/signer.ts'
import { signWith } from '../../../client/sign/ssh-keygen.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import { agentWith, keyring, type Keyring } from './keys.ts'

let keys: Keyring
const { signal } = new AbortController()
const env = { PATH: process.env['PATH'] }

beforeAll(() => {
  keys = keyring()
  for (const name of ['anne', 'bob', 'mallory', 'old', 'early', 'git', 'shared']) keys.key(name)
  keys.key('rsa', 'rsa')
  keys.key('ecdsa', 'ecdsa')
  keys.key('locked', 'ed25519', 'open sesame')
  const { publicKey } = keys
  keys.allow(
    '# who signs',
    `anne namespaces="slipway" ${publicKey('anne')}`,
    `bob@example.org namespaces="slipway,git" ${publicKey('bob')}`,
    `old valid-before="20200101" ${publicKey('old')}`,
    `early valid-after="20990101" ${publicKey('early')}`,
    `gitter namespaces="git" ${publicKey('git')}`,
    `one,two ${publicKey('shared')}`,
    `rsa ${publicKey('rsa')}`,
    `ecdsa ${publicKey('ecdsa')}`,
    `locked ${publicKey('locked')}`,
    'this line is broken',
  )
})
afterAll(() => keys.remove())

function estate(more: object = {}) {
  const file = estateSchema.parse({
    registry: { address: 'r.example' },
    signers: keys.signers,
    people: { bob: { emails: ['Bob@example.org', 'bob@example.org'] } },
    projects: { shop: { repository: { url: '/r.git' }, environments: {} } },
    ...more,
  })
  return { file, hash: '' }
}

const statement = (who: string) =>
  makeStatement(
    { project: 'shop', place: 'environment/prod', action: 'approve', message: { request: 'v1' } },
    { who, nonce: 'n'.repeat(24), now: 1 },
  )
const sign = (key: string, text: string) => signWith(join(keys.folder, key), text, { env, cwd: keys.folder })
const verify = (text: string, signature: string, who: string) =>
  createSshVerifier({ estate: estate(), environment: env })({ statement: text, signature }, who, signal)

async function said(key: string, who: string) {
  const text = statement(who)
  return verify(text, await sign(key, text), who)
}

test.each(['anne', 'rsa', 'ecdsa'])('what %s signed is theirs', async (name) => {
  expect(await said(name, name)).toEqual({ ok: true, name, key: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/) })
})

test('a person is called by their name in the estate, whichever of the addresses they sign with', async () => {
  for (const who of ['bob', 'bob@example.org', 'Bob@example.org']) expect(await said('bob', who)).toMatchObject({ ok: true, name: 'bob' })
  expect(await said('shared', 'two')).toMatchObject({ ok: true, name: 'two' })
})

const REFUSED: readonly (readonly [what: string, key: string, who: string, reason: RegExp])[] = [
  ['somebody else', 'mallory', 'anne', /not among the signers/],
  ['anne in the name of bob', 'anne', 'bob', /a key of anne, not of bob: say --as anne/],
  ['a pattern as a name', 'anne', 'an*', /of anne, not of an\*/],
  ['a name that is an option', 'anne', '-Oprint-pubkey', /of anne, not of/],
  ['a name with a line in it', 'anne', 'anne\nbob', /is no name/],
  ['a key that has expired', 'old', 'old', /not valid now/],
  ['a key that is not valid yet', 'early', 'early', /not valid now/],
  ['a key for another purpose', 'git', 'gitter', /does not let this key of gitter sign for slipway/],
]

test.each(REFUSED)('%s is not believed', async (_, key, who, reason) => {
  expect(await said(key, who)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
})

test('a changed byte, another namespace, and what is no signature', async () => {
  const text = statement('anne')
  const signature = await sign('anne', text)
  const changed = text.replace('v1', 'v2')
  expect(await verify(changed, signature, 'anne')).toMatchObject({ ok: false, reason: expect.stringContaining('not what was signed') })
  expect(await verify(`${text}\n`, signature, 'anne')).toMatchObject({ ok: false })
  for (const forged of ['', 'x', '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n', signature.slice(0, 80)])
    expect(await verify(text, forged, 'anne')).toMatchObject({ ok: false })
  const other = `${signature.slice(0, 120)}${signature[120] === 'A' ? 'B' : 'A'}${signature.slice(121)}`
  expect(await verify(text, other, 'anne')).toMatchObject({ ok: false })
  const { execFileSync } = await import('node:child_process')
  const forGit = execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', join(keys.folder, 'bob')], {
    input: text,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  expect(await verify(text, forGit.toString(), 'bob')).toMatchObject({ ok: false, reason: expect.stringContaining('namespace') })
})

test('a key that only the agent can use signs by its public half', async () => {
  const agent = await agentWith(join(keys.folder, 'locked'), 'open sesame')
  try {
    const text = statement('locked')
    const signature = await signWith(join(keys.folder, 'locked.pub'), text, {
      env: { ...env, SSH_AUTH_SOCK: agent.socket },
      cwd: keys.folder,
    })
    expect(await verify(text, signature, 'locked')).toMatchObject({ ok: true, name: 'locked' })
  } finally {
    agent.stop()
  }
})

test('a key that is not there is told by its file', async () => {
  await expect(sign('nobody', 'x')).rejects.toThrow(/could not be signed with .*nobody/)
})

describe('without signers', () => {
  const identity = (more: object) => createSshVerifier({ estate: estate(more), environment: env })
  test('the estate that names none, and the file that is not there, say so', async () => {
    const word = { statement: '{}', signature: 'x' }
    await expect(identity({ signers: undefined })(word, 'anne', signal)).rejects.toThrow(/names no signers/)
    const file = join(keys.folder, 'gone')
    writeFileSync(file, '')
    rmSync(file)
    await expect(identity({ signers: file })(word, 'anne', signal)).rejects.toThrow(/cannot be read/)
  })
})

test('what was signed is kept with its signature under its digest, and a store that is away changes nothing', async () => {
  const text = statement('anne')
  const signed = { statement: text, signature: await sign('anne', text) }
  const kept: Buffer[] = []
  const deps = {
    estate: estate(),
    stateFolder: keys.folder,
    environment: env,
    attempt: () => ({ signal, heartbeat: () => {} }),
  }
  const nothing = () => Promise.reject(new Error('nothing else is asked of it'))
  const away = {
    get: nothing,
    name: nothing,
    named: nothing,
    put: (bytes: Buffer) => {
      kept.push(bytes)
      return Promise.reject(new Error('away'))
    },
  }
  const found = await createIdentityActivities({ ...deps, store: away }).identify({ project: 'shop', signed, who: 'anne' })
  const { createHash } = await import('node:crypto')
  expect(found).toMatchObject({ ok: true, statement: `sha256:${createHash('sha256').update(kept[0]!).digest('hex')}` })
  expect(JSON.parse(kept[0]!.toString())).toEqual({ signature: signed.signature, statement: text })
})

test('a signers file that holds anything lets nobody in whom it does not name, and fails nothing', async () => {
  const text = statement('anne')
  const signature = await sign('anne', text)
  const others = keyring()
  const word = fc.constantFrom(
    'anne',
    '*',
    'bob',
    '!anne',
    ',',
    '"',
    'namespaces="git"',
    'cert-authority',
    'valid-before="x"',
    '#',
    '\t',
    '-',
  )
  const line = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(word, { maxLength: 5 }).map((words) => `${words.join(' ')} ${keys.publicKey('bob')}`),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  )
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        others.allow(...lines)
        const verifier = createSshVerifier({ estate: estate({ signers: others.signers }), environment: env })
        // It holds bob's key at most: nothing in it is anne's.
        expect(await verifier({ statement: text, signature }, 'anne', signal)).toMatchObject({ ok: false, reason: expect.any(String) })
      }),
      { numRuns: 60 },
    )
  } finally {
    others.remove()
  }
}, 60_000)
