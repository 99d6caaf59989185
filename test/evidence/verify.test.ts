import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTar } from '../../evidence/tar.ts'
import { verifyEvidence } from '../../evidence/verify.ts'
import { AT, makeBundle, makeKeys, makeMembers, member, seal, type Keys } from './made.ts'

let keys: Keys
beforeAll(async () => {
  keys = await makeKeys()
})
afterAll(() => keys.close())

const check = (tar: Buffer) => verifyEvidence(tar, keys.signers)

test('a bundle holds, and says who vouches for what', async () => {
  const found = await check(await makeBundle(keys))
  expect(found).toMatchObject({ ok: true, problems: [], notes: [], signedBy: 'worker' })
  expect(found.words).toMatchObject([{ who: 'alice', principal: 'alice', action: 'approve', place: 'environment/prod' }])
})

test('every byte counts: a change of any member is found and named', { timeout: 60_000 }, async () => {
  const tar = await makeBundle(keys)
  const members = readTar(tar)
  if (!members.ok) throw new Error(members.problem)
  for (const { path, bytes } of members.value) {
    const changed = Buffer.from(tar)
    const at = tar.indexOf(bytes) + Math.floor(bytes.length / 2)
    changed[at] = changed[at]! ^ 1
    const { ok, problems } = await check(changed)
    expect(ok, path).toBe(false)
    // A manifest of which one line is another has a member against it.
    if (path !== 'MANIFEST.sha256') expect(problems.join('\n')).toContain(path)
  }
})

test('who changes a member and writes the manifest anew cannot sign it', async () => {
  const members = (await makeMembers(keys)).map((each) =>
    each.path === 'environments/prod.json' ? member(each.path, each.bytes.toString().replace('2 of 2 ready', '9 of 9 ready')) : each,
  )
  const forged = await seal({ ...keys, worker: keys.alice }, members)
  expect((await check(forged)).problems.join()).toMatch(/signed by the key SHA256:\S+, and says SHA256:/)
  const unsigned = await seal(keys, members, true)
  expect((await check(unsigned)).problems.join()).toContain('MANIFEST.sha256.sig is not there')
})

test("a person's signature counts at its time, by a key that was allowed then", async () => {
  const late = await check(await makeBundle(keys, { statementAt: AT + 400 * 24 * 3_600_000 }))
  expect(late.problems.join()).toContain('its key is not one of the allowed signers at 2027-07-06')
  const other = await check(await makeBundle(keys, { signedBy: 'worker' }))
  expect(other.ok).toBe(false)
  expect(other.problems.join('\n')).toMatch(/statements\/.*may not be used for it/)
})

test('a word with the key of somebody else is shown as such', async () => {
  const signers = join(keys.folder, 'other_signers')
  await writeFile(signers, (await readFile(keys.signers.file, 'utf8')).replace('\nalice ', '\nmallory '))
  const found = await verifyEvidence(await makeBundle(keys), { ...keys.signers, file: signers })
  expect(found.notes.join()).toContain('is by "alice", with the key of "mallory": are they one person?')
})

test.each([
  ['another request', { approvedHash: 'f'.repeat(64) }, 'the approval is of another request than the one that was deployed'],
  [
    'other words',
    { message: { hash: 'f'.repeat(64) } },
    'what "alice" signed is not this approval in epoch 4 of "prod": it says something else',
  ],
  ['another image', { subject: `sha256:${'9'.repeat(64)}` }, 'which was not deployed'],
])('what was deployed is what was approved and attested: %s', async (_name, changes, problem) => {
  expect((await check(await makeBundle(keys, changes))).problems.join('\n')).toContain(problem)
})

test('an unsigned bundle is checked as far as it goes, and is refused by who asks for signers', async () => {
  const tar = await makeBundle(keys, { unsigned: true })
  const found = await verifyEvidence(tar, null)
  expect(found).toMatchObject({ ok: true, signedBy: null })
  expect(found.notes.join('\n')).toContain('the bundle is not signed')
  expect(found.notes.join('\n')).toContain('1 signatures of people were not checked')
  expect((await check(tar)).ok).toBe(false)
})

test('a person can check it with tar, sha256sum and ssh-keygen alone', async () => {
  await writeFile(join(keys.folder, 'bundle.tar'), await makeBundle(keys))
  const script = [
    'set -e',
    'mkdir unpacked && tar -xf bundle.tar -C unpacked && cd unpacked',
    'sha256sum --quiet -c MANIFEST.sha256',
    'ssh-keygen -Y verify -f ../allowed_signers -I worker -n slipway-evidence -s MANIFEST.sha256.sig < MANIFEST.sha256',
  ].join('\n')
  const { stdout } = await execa('sh', ['-c', script], { cwd: keys.folder })
  expect(stdout).toContain('Good "slipway-evidence" signature for worker')
})
