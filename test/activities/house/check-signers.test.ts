import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkSigners } from '../../../activities/house/check-signers.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import { keyring, type Keyring } from '../identity/keys.ts'

let keys: Keyring
beforeAll(() => {
  keys = keyring()
  keys.key('anne')
  keys.allow('# people', `anne ${keys.publicKey('anne')}`, '')
})
afterAll(() => keys.remove())

const check = (more: object, prod: object = {}, path = process.env['PATH']) => {
  const environment = { from: 'tag', target: { script: { host: 'h', command: './cd.sh' } }, ...prod }
  const file = estateSchema.parse({
    registry: { address: 'r.example' },
    projects: { shop: { repository: { url: '/r.git' }, environments: { prod: environment } } },
    ...more,
  })
  const deps = { estate: { file, hash: '' }, environment: { PATH: path }, stateFolder: keys.folder }
  return checkSigners(deps, 'shop', new AbortController().signal)
}

test('nothing is said where nobody signs', async () => {
  expect(await check({})).toEqual([])
})

test('the file and the program that verifies by it', async () => {
  expect(await check({ signers: keys.signers })).toMatchObject([{ ok: true, detail: 'has 1 line, and ssh-keygen is here to verify by it' }])
  expect(await check({ signers: keys.signers }, {}, keys.folder)).toMatchObject([
    { ok: false, detail: expect.stringContaining('ssh-keygen is not installed') },
  ])
  expect(await check({ signers: join(keys.folder, 'gone') })).toMatchObject([
    { ok: false, detail: expect.stringContaining('no such file') },
  ])
})

test('what asks for signatures that nobody can give', async () => {
  expect(await check({}, { approval: { verified: true } })).toMatchObject([
    { ok: false, detail: 'prod asks for signed words, and the estate names no signers', fix: expect.stringContaining('allowed_signers') },
  ])
})

test('approvers who may not approve their own, and of whom nobody knows what that is', async () => {
  const people = { anne: { emails: ['anne@example.org'] } }
  const policy = { approvers: ['anne', 'bob', 'carol@example.org'], approval: { verified: true } }
  const [, found] = await check({ signers: keys.signers, people }, policy)
  expect(found).toMatchObject({ ok: false, part: 'approvers of prod', detail: expect.stringMatching(/^bob cannot approve/) })
  expect(
    await check({ signers: keys.signers, people }, { ...policy, approval: { verified: true, author: true, tagger: true } }),
  ).toHaveLength(1)
})
