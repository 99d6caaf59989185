import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig, type ConfigKind } from '../../config/read.ts'
import { estateFiles, slipwayFiles } from './arbitrary.ts'
import { ESTATE } from './texts.ts'

const EXAMPLES = ['slipway', 'estate'].map((kind) => readFileSync(new URL(`../../${kind}.example.yaml`, import.meta.url), 'utf8'))
const CANARY = 'hunter2canary'

describe('parseConfig', () => {
  it('answers any text with a value or with problems that have a place', () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(...'ab:- \n\t"\'{}[],&*!|>#%@<?0.~\\'.split('')),
      maxLength: 200,
    })
    fc.assert(
      fc.property(kinds, fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), yamlish), (kind, text) => judged(kind, text)),
      { numRuns: 500 },
    )
  })

  it('answers a damaged example', () => {
    const damage = fc.record({
      at: fc.nat(6000),
      drop: fc.nat(40),
      put: fc.string({ unit: fc.constantFrom(...'a:- \n{}[]"&*!'.split('')), maxLength: 6 }),
    })
    fc.assert(
      fc.property(fc.constantFrom(...EXAMPLES), fc.array(damage, { minLength: 1, maxLength: 4 }), (example, damages) => {
        const text = damages.reduce((each, { at, drop, put }) => each.slice(0, at) + put + each.slice(at + drop), example)
        judged(example === EXAMPLES[0] ? 'slipway' : 'estate', text)
      }),
      { numRuns: 150 },
    )
  })

  it('answers any data', () => {
    fc.assert(
      fc.property(kinds, fc.jsonValue({ maxDepth: 6 }), (kind, data) => judged(kind, stringify(data))),
      { numRuns: 100 },
    )
  })

  it('answers a valid file with one part replaced by anything', () => {
    fc.assert(
      fc.property(estateFiles, fc.nat(), fc.jsonValue({ maxDepth: 2 }), (file, seed, junk) => {
        judged('estate', stringify(replaceOne(file, seed, junk)))
      }),
      { numRuns: 100 },
    )
  })

  it('gives back every valid file, and the same hash for the same meaning', () => {
    fc.assert(
      fc.property(fc.oneof(sample('slipway', slipwayFiles), sample('estate', estateFiles)), ({ kind, data }) => {
        const first = valueOf(kind, stringify(data))
        const again = valueOf(kind, stringify(reversed(first.value)))
        const asJson = valueOf(kind, JSON.stringify(first.value))
        expect(first.value).toMatchObject(data)
        expect(again.value).toEqual(first.value)
        expect([again.hash, asJson.hash]).toEqual([first.hash, first.hash])
        expect(first.hash).toMatch(/^[0-9a-f]{64}$/)
      }),
      { numRuns: 100 },
    )
  })

  it('never repeats what stands where a secret belongs', () => {
    const wrong = fc.constantFrom(
      CANARY,
      `{ ${CANARY}: }`,
      `{ password: ${CANARY} }`,
      `{ username: { env: A }, password: { value: ${CANARY} } }`,
      `{ username: { env: "${CANARY} x" }, pasword: [${CANARY}] }`,
      `[${CANARY}]`,
      `{ keyFile: [${CANARY}], passphrase: ${CANARY} }`,
      `{ dockerConfig: ${CANARY}, username: ${CANARY} }`,
      `"${CANARY}`,
      `*${CANARY}`,
      `!${CANARY} x`,
      `&${CANARY} { ${CANARY}: { a: 1, a: 2 } }`,
      `|${CANARY}\n x`,
      `{ ? [${CANARY}] : 1 }`,
      `"\\q${CANARY}"`,
      `a: b: ${CANARY}`,
      `%${CANARY}`,
      `@${CANARY}`,
    )
    const places = fc.constantFrom<readonly [string, (text: string) => string]>(
      ['  address: registry.example:5000\n', (text) => `  address: registry.example:5000\n  credentials: ${text}\n`],
      ['{ agent: true }', (text) => text],
      ['      url: git@git.example:eap/website.git\n', (text) => `      url: https://git.example/x\n      login: ${text}\n`],
      ['git@git.example:eap/website.git', () => `https://me:${CANARY}@git.example/x`],
    )
    fc.assert(
      fc.property(wrong, places, (text, [from, to]) => {
        const result = parseConfig('estate', { text: ESTATE.replace(from, () => to(text)), file: 'estate.yaml' })
        expect(result.ok).toBe(false)
        if (!result.ok) expect(`${formatProblems(result.problems)}${JSON.stringify(result.problems)}`).not.toContain(CANARY)
      }),
    )
  })
})

const kinds = fc.constantFrom<ConfigKind>('slipway', 'estate')

function sample<T extends object>(kind: ConfigKind, files: fc.Arbitrary<T>) {
  return files.map((data) => ({ kind, data }))
}

/** Does not throw, and what it finds wrong stands somewhere in the text. */
function judged(kind: ConfigKind, text: string): void {
  const result = parse(kind, text)
  if (result.ok) return
  expect(result.problems.length).toBeGreaterThan(0)
  const lines = text.split(/\r\n|\n|\r/).length
  for (const { line, column, found, expected } of result.problems) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines)
    expect(column).toBeGreaterThanOrEqual(1)
    expect(found.length * expected.length).toBeGreaterThan(0)
  }
  // No control or invisible character of the file reaches a terminal.
  expect(formatProblems(result.problems)).toMatch(/^[\x20-\x7e…–\n]*$/)
}

function parse(kind: ConfigKind, text: string) {
  return kind === 'slipway' ? parseConfig(kind, { text, file: 'f' }) : parseConfig(kind, { text, file: 'f' })
}

function valueOf(kind: ConfigKind, text: string) {
  const result = parse(kind, text)
  if (!result.ok) throw new Error(formatProblems(result.problems))
  return result
}

/** The same data with every mapping's keys in the opposite order. */
function reversed(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(reversed)
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data)
      .toReversed()
      .map(([key, value]) => [key, reversed(value)]),
  )
}

function replaceOne(data: unknown, seed: number, junk: unknown): unknown {
  if (typeof data !== 'object' || data === null) return junk
  const keys = Object.keys(data)
  const key = keys[seed % (keys.length + 1)]
  if (key === undefined) return junk
  const value = replaceOne((data as Record<string, unknown>)[key], Math.floor(seed / (keys.length + 1)), junk)
  return Array.isArray(data) ? data.map((each: unknown, index) => (String(index) === key ? value : each)) : { ...data, [key]: value }
}
