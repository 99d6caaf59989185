import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { jsonSchemaOf, listOptions } from '../../config/describe.ts'
import { generate } from '../../scripts/schema.ts'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')

describe('what is generated from the schemas', () => {
  it.each([...generate(read('docs/configuration.md'))])('%s is up to date (else run scripts/schema.ts)', (file, text) => {
    expect(read(file)).toBe(text)
  })

  it('says where a table belongs when the page lost its place', () => {
    expect(() => generate('# Configuration')).toThrow('expected "<!-- options of slipway.yaml: begin -->"')
  })

  it.each(['slipway', 'estate'] as const)('describes every option of %s.yaml', (kind) => {
    const options = listOptions(kind)
    expect(options.length).toBeGreaterThan(10)
    expect(options.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([])
  })

  it.each(['slipway', 'estate'] as const)('refuses unknown keys in the JSON Schema of %s.yaml too', (kind) => {
    expect(openObjects(jsonSchemaOf(kind), kind)).toEqual([])
  })
})

/** Objects with named properties that would let others pass. */
function openObjects(node: unknown, path: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return []
  const open = 'properties' in node && !('additionalProperties' in node && node.additionalProperties === false)
  return [...(open ? [path] : []), ...Object.entries(node).flatMap(([key, each]) => openObjects(each, `${path}.${key}`))]
}
