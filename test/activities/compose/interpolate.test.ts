import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { interpolate } from '../../../activities/compose/interpolate.ts'
import { labUp } from '../../../lab/up.ts'

/** Brings docker-compose to a machine that does not have it. */
beforeAll(() => labUp({ checkout: process.cwd(), parts: ['ssh'] }))

const variables = { TAG: 'v1', EMPTY: '', REGISTRY: 'r.example:5000' }

test.each([
  ['plain', 'plain', []],
  ['$TAG', 'v1', []],
  ['a/${REGISTRY}/b:$TAG.x', 'a/r.example:5000/b:v1.x', []],
  ['${TAG:-d}', 'v1', []],
  ['${EMPTY:-d}|${EMPTY-d}|${NONE:-d}|${NONE-d}', 'd||d|d', []],
  ['${TAG:?say}|${TAG?say}', 'v1|v1', []],
  ['${NONE:?say}', '', ['NONE']],
  ['$NONE/x', '/x', ['NONE']],
  ['${EMPTY}', '', []],
  ['${EMPTY:?say}', '', ['EMPTY']],
  ['${TAG:+o}|${NONE:+o}|${EMPTY+o}|${EMPTY:+o}', 'o||o|', []],
  ['${NONE:-${REGISTRY}}/x', 'r.example:5000/x', []],
  ['${NONE:-${OTHER}}', '', ['OTHER']],
  ['$$TAG|$${TAG}', '$TAG|${TAG}', []],
  ['a$', 'a$', []],
  ['${unclosed', '${unclosed', []],
  ['${BAD NAME}', '${BAD NAME}', []],
  ['$1', '$1', []],
])('%j becomes %j', (template, text, missing) => {
  expect(interpolate(template, variables)).toEqual({ text, missing })
})

test('a variable of an object of JavaScript is none of ours', () => {
  expect(interpolate('$constructor', {})).toEqual({ text: '', missing: ['constructor'] })
})

test('says what compose itself makes of an image', () => {
  const part = fc.constantFrom(
    'a',
    '/',
    ':',
    '$TAG',
    '${TAG}',
    '${EMPTY:-d}',
    '${EMPTY-d}',
    '${NONE:-e}',
    '${REGISTRY:-x}',
    '$$',
    '${NONE}',
    '.',
  )
  const templates = fc.sample(
    fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `i${parts.join('')}`),
    60,
  )
  const folder = mkdtempSync(join(tmpdir(), 'slipway-compose-'))
  try {
    const services = Object.fromEntries(templates.map((image, index) => [`s${index}`, { image }]))
    writeFileSync(join(folder, 'docker-compose.yml'), JSON.stringify({ version: '3.7', services }))
    const output = execFileSync('docker-compose', ['config'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...variables },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    templates.forEach((template, index) => {
      const printed = new RegExp(`^  s${index}:\\n    image: (.*)$`, 'm').exec(output)?.[1]?.replaceAll(/^'|'$/g, '').replaceAll('$$', '$')
      expect([template, interpolate(template, variables).text]).toEqual([template, printed])
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
