import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, hashOf } from '../../config/hash.ts'
import { parseConfig } from '../../config/read.ts'
import { change, SLIPWAY } from './texts.ts'

describe('canonicalJson', () => {
  it('sorts keys, writes no white space and leaves undefined out', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'é' }], a: true, x: undefined })).toBe('{"a":true,"b":[1,{"c":"é","d":null}]}')
  })

  it('means the same as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('refuses what JSON has not', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('expected a finite number')
    expect(() => canonicalJson([undefined])).toThrow('expected a JSON value')
  })
})

describe('the hash of a file', () => {
  const hash = (text: string) => {
    const result = parseConfig('slipway', { text, file: 'f' })
    return result.ok ? result.hash : null
  }

  it('does not see comments, order and spelt-out defaults', () => {
    expect(hash(`# comment\n${change(SLIPWAY, 'image: eap/website', 'context: "."\n    image: "eap/website"')}`)).toBe(hash(SLIPWAY))
  })

  it('sees every change of meaning', () => {
    expect(hash(change(SLIPWAY, 'image: eap/website', 'image: eap/website\n    context: app'))).not.toBe(hash(SLIPWAY))
  })

  it('is sha256 in hexadecimal', () => {
    expect(hashOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  })
})
