import { randomBytes } from 'node:crypto'
import { temporal } from '@temporalio/proto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCodec } from '../../../config/codec/codec.ts'
import { parseCodecKeys, readCodecKeys } from '../../../config/codec/keys.ts'
import { packPayload, unpackPayload } from '../../../config/codec/payload.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })
const line = ({ id, key: bytes }: ReturnType<typeof key>) => `${id}:${bytes.toString('base64')}`
const [old, newer] = [key('2025'), key('2026')]
const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"a secret word"') }
const bytesOf = (each: { data?: Uint8Array | null }) => Buffer.from(each.data ?? []).toString('latin1')

test('a payload is as the protobuf that Temporal itself writes', () => {
  const bytes = fc.uint8Array({ maxLength: 400 })
  const metadata = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__'),
    bytes,
  )
  fc.assert(
    fc.property(fc.record({ metadata, data: bytes }), (each) => {
      const { Payload } = temporal.api.common.v1
      const packed = packPayload(each)
      expect(Payload.toObject(Payload.decode(packed))).toEqual(Payload.toObject(Payload.decode(Payload.encode(each).finish())))
      const read = unpackPayload(Buffer.from(Payload.encode(each).finish()))
      const inHex = (of: Record<string, Uint8Array>) =>
        Object.fromEntries(Object.entries(of).map(([name, value]) => [name, Buffer.from(value).toString('hex')]))
      expect(inHex(read.metadata ?? {})).toEqual(inHex(each.metadata))
      expect(bytesOf(read)).toBe(bytesOf(each))
    }),
  )
})

test('nothing is left of the words, and every key opens what it closed', async () => {
  const [closed] = await createCodec([old]).encode([payload])
  expect(JSON.stringify(closed)).not.toContain(Buffer.from('secret').toString('base64').slice(0, 6))
  expect(bytesOf(closed!)).not.toContain('secret')
  const rotated = createCodec([newer, old])
  expect(bytesOf((await rotated.decode([closed!]))[0]!)).toBe('"a secret word"')
  const [anew] = await rotated.encode([payload])
  await expect(createCodec([old]).decode([anew!])).rejects.toThrow('encrypted with the key 2026 of the payload codec, and there are 2025')
  await expect(createCodec([]).decode([anew!])).rejects.toThrow('and there are none')
})

test('what was changed, or closed by another key of the same name, does not open', async () => {
  const [closed] = await createCodec([old]).encode([payload])
  const data = Buffer.from(closed!.data!)
  data[20] = data[20]! ^ 1
  await expect(createCodec([old]).decode([{ ...closed!, data }])).rejects.toThrow('does not open with the key 2025')
  await expect(createCodec([key('2025')]).decode([closed!])).rejects.toThrow('does not open')
  await expect(createCodec([old]).decode([{ ...closed!, data: Buffer.from('short') }])).rejects.toThrow('does not open')
})

test('without keys nothing is encrypted, and what was plain is read with keys too', async () => {
  expect(await createCodec([]).encode([payload])).toEqual([payload])
  expect(await createCodec([old]).decode([payload])).toEqual([payload])
})

test.each([
  ['', 'found 0'],
  ['2025', 'found something else as the 1. of them'],
  [`${line(old)}\n2026:${'A'.repeat(20)}`, 'found something else as the 2. of them'],
  [`${line(old)}\n${line(old)}`, 'found "2025" twice'],
])('keys that are none are refused without showing them: %j', (text, problem) => {
  const parsed = parseCodecKeys(text)
  expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
  expect(JSON.stringify(parsed)).not.toContain(old.key.toString('base64').slice(0, 10))
})

test('keys come from a file or a variable, and not from both', async () => {
  const read = (env: Record<string, string>) => readCodecKeys({ env, readFile: async () => `# rotated\n${line(newer)}\n${line(old)}\n` })
  expect(await read({})).toEqual({ ok: true, value: [] })
  expect(await read({ SLIPWAY_CODEC_KEYS_FILE: 'keys' })).toMatchObject({ value: [{ id: '2026' }, { id: '2025' }] })
  expect(await read({ SLIPWAY_CODEC_KEYS: `${line(old)},${line(newer)}` })).toMatchObject({ value: [{ id: '2025' }, { id: '2026' }] })
  expect(await read({ SLIPWAY_CODEC_KEYS_FILE: 'keys', SLIPWAY_CODEC_KEYS: line(old) })).toMatchObject({ ok: false })
})
