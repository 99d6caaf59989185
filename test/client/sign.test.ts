import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSigner, makeStatement } from '../../client/sign/signer.ts'
import type { Io } from '../../client/io.ts'
import { readStatement } from '../../domain/statement.ts'
import { keyring, type Keyring } from '../activities/identity/keys.ts'

let keys: Keyring
let config: string

beforeAll(() => {
  keys = keyring()
  keys.key('anne')
  config = join(keys.folder, 'gitconfig')
  keys.allow(`anne@example.org ${keys.publicKey('anne')}`)
})
afterAll(() => keys.remove())

const NOW = 1_700_000_000_000
const words = { project: 'shop', place: 'environment/prod', action: 'approve', message: { request: 'v1.0.0', hash: 'f', reason: null } }

function io(git: string, env: Record<string, string> = {}): Io {
  writeFileSync(config, git)
  // git's own configuration is read by whoever signs; the test's stands for it.
  Object.assign(process.env, { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: '1' })
  const out = { write: () => true }
  return { out, err: out, env: { PATH: process.env['PATH'], ...env }, cwd: keys.folder, now: () => NOW, onInterrupt: () => () => undefined }
}

const asked = () => Promise.resolve(true)
const notAsked = () => Promise.resolve(false)

test('what is signed verifies by ssh-keygen alone, and says all of it', async () => {
  const signed = await createSigner(io('[user]\nemail = anne@example.org\n'), { key: join(keys.folder, 'anne') })(words, notAsked)
  const signature = join(keys.folder, 'signature')
  writeFileSync(signature, signed?.signature ?? '')
  const args = ['-Y', 'verify', '-f', keys.signers, '-I', 'anne@example.org', '-n', 'slipway', '-s', signature]
  expect(execFileSync('ssh-keygen', args, { input: signed?.statement, encoding: 'utf8' })).toContain('Good "slipway" signature')
  const reading = readStatement(signed, words, [], NOW)
  expect(reading).toMatchObject({ ok: true, statement: { ...words, who: 'anne@example.org', at: NOW, expires: NOW + 300_000 } })
})

test('a named key signs always, the one of git where it is asked for, and nobody without either', async () => {
  const gits = `[gpg]\nformat = ssh\n[user]\nemail = anne@example.org\nsigningkey = ${join(keys.folder, 'anne')}\n`
  expect(await createSigner(io(gits), {})(words, notAsked)).toBeNull()
  expect(await createSigner(io(gits), {})(words, asked)).not.toBeNull()
  expect(await createSigner(io(gits.replace('ssh', 'openpgp')), {})(words, asked)).toBeNull()
  expect(await createSigner(io(''), {})(words, asked)).toBeNull()
  expect(await createSigner(io('[user]\nemail = a@b.c\n', { SLIPWAY_KEY: 'anne' }), {})(words, notAsked)).not.toBeNull()
})

test('who signs is said, or is the address that git knows', async () => {
  const key = join(keys.folder, 'anne')
  const who = async (signing: Promise<{ statement: string } | null>) =>
    (JSON.parse((await signing)?.statement ?? '{}') as { who?: string }).who
  expect(await who(createSigner(io(''), { key, as: 'anne' })(words, asked))).toBe('anne')
  expect(await who(createSigner(io('', { SLIPWAY_USER: 'anna' }), { key })(words, asked))).toBe('anna')
  await expect(createSigner(io(''), { key })(words, asked)).rejects.toThrow('who signs?')
})

test('two statements of the same words differ by their nonce', () => {
  const of = (nonce: string) => makeStatement(words, { who: 'anne', nonce, now: NOW })
  expect(of('a'.repeat(24))).not.toBe(of('b'.repeat(24)))
  expect(of('a'.repeat(24))).toBe(of('a'.repeat(24)))
})
