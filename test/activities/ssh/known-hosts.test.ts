import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { globMatches, judgeHostKey, knownKeyTypes, parseKnownHosts } from '../../../activities/ssh/known-hosts.ts'
import { fingerprintOf, keyTypeOf } from '../../../activities/ssh/public-key.ts'
import { labUp } from '../../../lab/up.ts'

/** Brings ssh-keygen to a machine that does not have it. */
beforeAll(() => labUp({ checkout: process.cwd(), parts: ['ssh'] }))

const key = (type: string, seed: string) => {
  const name = Buffer.from(type)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  const body = Buffer.alloc(36)
  body.writeUInt32BE(32)
  body.write(seed, 4)
  return Buffer.concat([length, name, body])
}
const MINE = key('ssh-ed25519', 'mine')
const OTHER = key('ssh-ed25519', 'other')
const RSA = key('ssh-rsa', 'rsa')
const line = (hosts: string, of = MINE, marker = '') => `${marker}${hosts} ${keyTypeOf(of)} ${of.toString('base64')} comment`
const hashed = (name: string) => {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

test.each<[string, string, string, number, object]>([
  ['a plain name', line('deploy.example'), 'deploy.example', 22, { kind: 'known' }],
  ['a name in other letters', line('Deploy.Example'), 'DEPLOY.example', 22, { kind: 'known' }],
  ['one of several names', line('a.example,deploy.example,10.0.0.1'), '10.0.0.1', 22, { kind: 'known' }],
  ['a port of its own', line('[deploy.example]:2222'), 'deploy.example', 2222, { kind: 'known' }],
  ['another port', line('[deploy.example]:2222'), 'deploy.example', 2223, { kind: 'unknown' }],
  ['a port where the line has none', line('deploy.example'), 'deploy.example', 2222, { kind: 'unknown' }],
  ['the standard port where the line has another', line('[deploy.example]:2222'), 'deploy.example', 22, { kind: 'unknown' }],
  ['a hashed name', line(hashed('deploy.example')), 'deploy.example', 22, { kind: 'known' }],
  ['a hashed name in other letters', line(hashed('deploy.example')), 'Deploy.Example', 22, { kind: 'known' }],
  ['a hashed name with a port', line(hashed('[deploy.example]:2222')), 'deploy.example', 2222, { kind: 'known' }],
  ['a hash of another name', line(hashed('deploy.example')), 'other.example', 22, { kind: 'unknown' }],
  ['a wildcard', line('*.example'), 'deploy.example', 22, { kind: 'known' }],
  ['a question mark', line('deploy?.example'), 'deploy1.example', 22, { kind: 'known' }],
  ['a wildcard with a port', line('[*.example]:2222'), 'deploy.example', 2222, { kind: 'known' }],
  ['a negation', line('*.example,!deploy.example'), 'deploy.example', 22, { kind: 'unknown' }],
  ['a negation of another', line('*.example,!bad.example'), 'deploy.example', 22, { kind: 'known' }],
  ['nothing but a negation', line('!bad.example'), 'deploy.example', 22, { kind: 'unknown' }],
  ['an IPv6 address', line('[::1]:2222'), '::1', 2222, { kind: 'known' }],
  ['another key', line('deploy.example', OTHER), 'deploy.example', 22, { kind: 'changed', lines: [1] }],
  ['another and the right key', `${line('deploy.example', OTHER)}\n${line('deploy.example')}`, 'deploy.example', 22, { kind: 'known' }],
  ['a key of another type', line('deploy.example', RSA), 'deploy.example', 22, { kind: 'other-types', types: ['ssh-rsa'], lines: [1] }],
  ['a revoked key', `${line('*', MINE, '@revoked ')}\n${line('deploy.example')}`, 'deploy.example', 22, { kind: 'revoked', lines: [1] }],
  ['another key revoked', `${line('*', OTHER, '@revoked ')}\n${line('deploy.example')}`, 'deploy.example', 22, { kind: 'known' }],
  ['only an authority', line('*.example', OTHER, '@cert-authority '), 'deploy.example', 22, { kind: 'authority-only', lines: [1] }],
  [
    'the authority with the same key',
    line('*.example', MINE, '@cert-authority '),
    'deploy.example',
    22,
    { kind: 'authority-only', lines: [1] },
  ],
  ['an unknown marker', line('deploy.example', MINE, '@trusted '), 'deploy.example', 22, { kind: 'unknown' }],
  ['a comment', `# ${line('deploy.example')}`, 'deploy.example', 22, { kind: 'unknown' }],
  [
    'an unreadable line before',
    `deploy.example\ndeploy.example ssh-ed25519 AAAA\n|2|x|y ssh-rsa z\n${line('deploy.example')}`,
    'deploy.example',
    22,
    { kind: 'known' },
  ],
  ['Windows line ends', `${line('a.example')}\r\n${line('deploy.example')}\r\n`, 'deploy.example', 22, { kind: 'known' }],
  ['a type that the key is not of', `deploy.example ssh-rsa ${MINE.toString('base64')}`, 'deploy.example', 22, { kind: 'unknown' }],
  ['an empty file', '', 'deploy.example', 22, { kind: 'unknown' }],
])('%s', (_, file, address, port, verdict) => {
  expect(judgeHostKey(parseKnownHosts(file), address, port, MINE)).toEqual(verdict)
})

test('the types of the keys that are known, plain ones only', () => {
  const known = parseKnownHosts([line('h', RSA), line('h'), line('h', OTHER), line('*', RSA, '@revoked ')].join('\n'))
  expect(knownKeyTypes(known, 'h', 22)).toEqual(['ssh-rsa', 'ssh-ed25519'])
  expect(knownKeyTypes(known, 'i', 22)).toEqual([])
})

test('what ssh-keygen finds, hashed or not, is found, and the fingerprint is its', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-known-'))
  try {
    const path = join(folder, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
    const [type, encoded] = execFileSync('ssh-keygen', ['-yf', path], { encoding: 'utf8' }).split(' ')
    const real = Buffer.from(encoded!, 'base64')
    expect(fingerprintOf(real)).toBe(execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1])
    const file = join(folder, 'known_hosts')
    const names = fc.constantFrom('a.example', 'b.example', '[a.example]:2222', '10.0.0.1', 'x')
    const patterns = fc.oneof(names, fc.constantFrom('*.example', '!b.example', '?', '10.*', '[*]:2222'))
    fc.assert(
      fc.property(
        fc.array(patterns, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('a.example', 'b.example', '10.0.0.1', 'x'),
        fc.constantFrom(22, 2222),
        fc.boolean(),
        (hosts, address, port, hash) => {
          writeFileSync(file, `${hosts.join(',')} ${type} ${encoded}\n`)
          if (hash) spawnSync('ssh-keygen', ['-H', '-f', file])
          const asked = port === 22 ? address : `[${address}]:${port}`
          const found = spawnSync('ssh-keygen', ['-F', asked, '-f', file]).status === 0
          const verdict = judgeHostKey(parseKnownHosts(execFileSync('cat', [file], { encoding: 'utf8' })), address, port, real)
          expect(verdict.kind).toBe(found ? 'known' : 'unknown')
        },
      ),
      { numRuns: 60 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a pattern matches as the same regular expression would', () => {
  const piece = fc.constantFrom('a', 'b', '.', '*', '?', '[', ']')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.array(fc.constantFrom('a', 'b', '.', '[', ']'), { maxLength: 8 }),
      (glob, letters) => {
        const source = glob.map((each) => (each === '*' ? '.*' : each === '?' ? '.' : `\\${each}`)).join('')
        const text = letters.join('')
        expect(globMatches(glob.join(''), text)).toBe(new RegExp(`^${source.replaceAll(/\\([ab])/g, '$1')}$`).test(text))
      },
    ),
  )
})

const bytes = fc.uint8Array({ maxLength: 400 }).map((some) => Buffer.from(some).toString('utf8'))
/** Whatever a line may be made of, in whatever order: most of it can be no line. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '\t',
        '\n',
        '\r\n',
        '\0',
        '|1|',
        '|',
        '@revoked',
        '@cert-authority',
        '#',
        ',',
        '!',
        '*',
        '?',
        '[',
        ']:22',
        '=',
        'ssh-ed25519',
      ),
      fc.constantFrom('deploy.example', '__proto__', 'AAAA', MINE.toString('base64'), MINE.toString('base64').slice(0, 40)),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 30 },
  )
  .map((some) => some.join(''))

test('whatever bytes are in the file: never an error, and never a host that it does not name with that key', () => {
  fc.assert(
    fc.property(fc.oneof(bytes, pieces), fc.constantFrom('deploy.example', '10.0.0.1', ''), (file, address) => {
      const known = parseKnownHosts(file)
      const verdict = judgeHostKey(known, address, 22, MINE)
      expect(knownKeyTypes(known, address, 22).every((type) => typeof type === 'string')).toBe(true)
      for (const { key: read } of known) expect(keyTypeOf(read)).not.toBe('')
      // It is known by a line that has this very key, whole, after a name or a pattern that the address fits.
      const lines = file.split(/\r?\n/).map((each) => each.trim().split(/[ \t]+/))
      const named = lines.some(
        ([hosts = '', type, encoded]) =>
          type === 'ssh-ed25519' && encoded?.startsWith(MINE.toString('base64').replace(/=+$/, '')) && /deploy|[*?|]|10/.test(hosts),
      )
      if (verdict.kind === 'known') expect(named).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('nor by what only looks like a line of it', () => {
  const encoded = MINE.toString('base64')
  const near = [
    `deploy.example ssh-ed25519 ${encoded.slice(0, -8)}`,
    `deploy.example ssh-ed25519 x${encoded}`,
    `deploy.example ssh-rsa ${encoded}`,
    `deploy.example\0 ssh-ed25519 ${encoded}`,
    `deploy.example\u00a0ssh-ed25519 ${encoded}`,
    `deploy.example ssh-ed25519 ${encoded.slice(0, 8)}~${encoded.slice(8)}`,
    `deploy.example ssh-ed25519 ${encoded}!`,
    `deploy ssh-ed25519 ${encoded}`,
    `xdeploy.example ssh-ed25519 ${encoded}`,
    `|1|| ssh-ed25519 ${encoded}`,
    `|1|AAAA|AAAA ssh-ed25519 ${encoded}`,
    `|1|AAAA| ssh-ed25519 ${encoded}`,
    `@revoked@revoked deploy.example ssh-ed25519 ${encoded}`,
    `@cert-authority @revoked deploy.example ssh-ed25519 ${encoded}`,
    `!deploy.example,* ssh-ed25519 ${encoded}`,
    `, ssh-ed25519 ${encoded}`,
    `! ssh-ed25519 ${encoded}`,
  ]
  for (const text of near) expect(judgeHostKey(parseKnownHosts(text), 'deploy.example', 22, MINE).kind, text).not.toBe('known')
})

test('a pattern of many stars takes no time', () => {
  const began = performance.now()
  expect(globMatches('*a'.repeat(50), `${'a'.repeat(5_000)}b`)).toBe(false)
  expect(performance.now() - began).toBeLessThan(1_000)
})
