import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../domain/canonical-json.ts'
import { isUsed, withNonce } from '../../domain/nonces.ts'
import { readStatement } from '../../domain/statement.ts'

const NOW = 1_700_000_000_000
const MINUTE = 60_000
const EXPECTED = { project: 'website', place: 'environment/prod', action: 'approve' }
const NONCE = 'abcdefghijklmnopqrstuvwx'

const said = {
  format: 'slipway/1',
  ...EXPECTED,
  message: { request: 'v1.0.0', hash: 'f'.repeat(64), reason: null },
  who: 'anne',
  nonce: NONCE,
  at: NOW,
  expires: NOW + 5 * MINUTE,
}
const read = (change: object, now = NOW, nonces: readonly string[] = []) =>
  readStatement({ statement: canonicalJson({ ...said, ...change }), signature: 'armored' }, EXPECTED, nonces, now)

test('a statement is what was signed, whatever stands beside it', () => {
  const reading = readStatement({ statement: canonicalJson(said), signature: 's', request: 'v9' }, EXPECTED, [], NOW)
  expect(reading).toEqual({ ok: true, statement: said, signed: { statement: canonicalJson(said), signature: 's' } })
})

const REFUSED: readonly (readonly [what: string, change: object, problem: string, now?: number])[] = [
  ['for another project', { project: 'shop' }, 'not for environment/prod of website'],
  ['for another environment', { place: 'environment/alpha' }, 'it was signed for "environment/alpha"'],
  ['for a sprint of that name', { place: 'sprint/prod' }, 'it was signed for "sprint/prod"'],
  ['another action', { action: 'reject' }, 'what was signed is "reject", not approve'],
  ['another format', { format: 'slipway/2' }, 'format'],
  ['nobody', { who: ' ' }, 'does not say who'],
  ['a name without end', { who: 'a'.repeat(201) }, 'does not say who'],
  ['no message', { message: 'v1' }, 'does not say who says what'],
  ['a short nonce', { nonce: 'abc' }, 'no nonce'],
  ['a nonce of other characters', { nonce: 'a.b'.repeat(8) }, 'no nonce'],
  ['expired', {}, 'has expired', NOW + 5 * MINUTE],
  ['too long alive', { expires: NOW + 16 * MINUTE }, '15 minutes at most'],
  ['without an end', { expires: null }, '15 minutes at most'],
  ['no whole time', { at: NOW + 0.5 }, '15 minutes at most'],
  ['from the future', { at: NOW + 3 * MINUTE, expires: NOW + 5 * MINUTE }, 'in the future'],
]

test.each(REFUSED.map((row) => [row[0], row] as const))('%s is refused', (_, [, change, problem, now]) => {
  expect(read(change, now)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
})

test('what another workflow heard in time counts after it has expired, when it had not as that began which it is about', () => {
  const handedOn = (at: number, since: number) =>
    readStatement({ statement: canonicalJson({ ...said, at }), signature: 'armored' }, { ...EXPECTED, since }, [], NOW + 60 * MINUTE)
  expect(handedOn(NOW, NOW - MINUTE).ok).toBe(true)
  expect(handedOn(NOW, NOW + MINUTE).ok).toBe(true)
  expect(handedOn(NOW, said.expires - 1).ok).toBe(true)
  expect(handedOn(NOW, said.expires)).toMatchObject({ ok: false, problem: expect.stringContaining('had expired before') })
  expect(handedOn(NOW + 63 * MINUTE, NOW)).toMatchObject({ ok: false })
})

test('a clock that is a little off is not held against anybody', () => {
  expect(read({ at: NOW + MINUTE, expires: NOW + 6 * MINUTE }).ok).toBe(true)
})

test('a nonce counts once, is remembered until it expires, and none is forgotten for another', () => {
  const word = (nonce: string, expires: number, key = 'SHA256:anne') => ({ nonce, expires, key })
  const nonces = withNonce([], word(NONCE, NOW + MINUTE), NOW) ?? []
  expect(read({}, NOW, nonces)).toMatchObject({ ok: false, problem: expect.stringContaining('said already'), who: 'anne' })
  expect(read({ nonce: NONCE.toUpperCase() }, NOW, nonces).ok).toBe(true)
  expect(withNonce(nonces, word('other'.repeat(4), NOW + 9 * MINUTE), NOW + 2 * MINUTE)).toHaveLength(1)
  let full: readonly string[] | null = []
  const numbered = (index: number) => word(`${index}`.padStart(16, '0'), NOW + MINUTE, `SHA256:${index % 5}+key/of+somebody`)
  for (let index = 0; full !== null && index < 200; index++) full = withNonce(full, numbered(index), NOW)
  expect(full).toHaveLength(200)
  expect(JSON.stringify(full).length).toBeLessThan(16_000)
  expect(isUsed(full ?? [], '0'.repeat(16))).toBe(true)
  expect(withNonce(full ?? [], word(NONCE, NOW + MINUTE), NOW)).toBeNull()
  expect(withNonce(full ?? [], word(NONCE, NOW + MINUTE), NOW + MINUTE)).toHaveLength(1)
})

test('nobody takes the words of others away: one key has its share of them', () => {
  let said: readonly string[] | null = []
  const word = (index: number, key: string) => ({ nonce: `${index}`.padStart(16, '0'), expires: NOW + MINUTE, key })
  for (let index = 0; index < 40; index++) said = withNonce(said ?? [], word(index, 'SHA256:eve'), NOW)
  expect(said).toHaveLength(40)
  expect(withNonce(said ?? [], word(40, 'SHA256:eve'), NOW)).toBeNull()
  expect(withNonce(said ?? [], word(40, 'SHA256:anne'), NOW)).toHaveLength(41)
  expect(withNonce(said ?? [], word(40, 'SHA256:eve'), NOW + MINUTE)).toHaveLength(1)
})

test.each([
  ['with white space', JSON.stringify(said, null, 1)],
  ['in another order', JSON.stringify(Object.assign({ who: 'anne' }, said))],
  ['with a key twice', canonicalJson(said).replace('"who":"anne"', '"who":"bob","who":"anne"')],
  ['with the same character written otherwise', canonicalJson(said).replace('anne', String.raw`\u0061nne`)],
  ['nested deeper than anybody reads', '['.repeat(8000)],
  ['too deep and whole', `${'['.repeat(4000)}${']'.repeat(4000)}`],
  ['too long', canonicalJson({ ...said, message: { reason: 'a'.repeat(9000) } })],
])('the same text %s is not the same statement', (_, statement) => {
  expect(readStatement({ statement, signature: 's' }, EXPECTED, [], NOW).ok).toBe(false)
})

test('whatever is sent, it is answered', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ statement: fc.oneof(fc.json(), fc.string()), signature: fc.string() })), (sent) => {
      expect(readStatement(sent, EXPECTED, [], NOW).ok).toBe(false)
    }),
  )
})
