import { expect, test } from 'vitest'
import { changesOf } from '../../../activities/compose/changes.ts'
import type { ComposeContent } from '../../../activities/compose/content.ts'
import { decodeContent, encodeContent } from '../../../activities/compose/content.ts'
import { overrideFile } from '../../../activities/compose/override-file.ts'
import { redactor } from '../../../activities/compose/redact.ts'

const content: ComposeContent = {
  version: 1,
  registry: 'r.example',
  project: 'shop',
  file: 'services: {}',
  services: [],
  overrides: {},
  expected: ['web'],
  known: ['web'],
  images: { web: { repository: 'shop/web', tag: 'v1', digest: `sha256:${'1'.repeat(64)}` } },
  format: '3.7',
  variables: { TAG: 'v1' },
  secrets: ['PASSWORD'],
}

test('tells what compose v1 did', () => {
  const output = `v1: Pulling from shop/web
Recreating shop_web_1 ... \r
Recreating shop_web_1 ... done\r
shop_api_1 is up-to-date
Creating shop_db_1    ... done
Starting shop_x_1     ... done
slipway: cleared the leftover container 0123456789ab_shop_web_1
`
  expect(changesOf(output, content)).toEqual([
    'container shop_web_1 recreated',
    'container shop_api_1 up-to-date',
    'container shop_db_1 created',
    'container shop_x_1 started',
    'cleared the leftover container 0123456789ab_shop_web_1',
    'image shop/web:v1 111111111111',
  ])
})

test('tells what compose v2 did', () => {
  const output = ` Network shop_default  Created
 Container shop-web-1  Recreate
 Container shop-web-1  Recreated
 Container shop-api-1  Running
 Container shop-db-1  Created
 Container shop-x-1  Starting
 Container shop-x-1  Started
 Container shop-web-1  Started
`
  expect(changesOf(output, content)).toEqual([
    'container shop-web-1 recreated',
    'container shop-api-1 up-to-date',
    'container shop-db-1 created',
    'container shop-x-1 started',
    'image shop/web:v1 111111111111',
  ])
})

test('content comes back as it was, and what is none is refused', () => {
  expect(decodeContent(encodeContent(content))).toEqual(content)
  expect(encodeContent(content).equals(encodeContent(decodeContent(encodeContent(content))))).toBe(true)
  for (const text of ['', '{}', '[]', JSON.stringify({ ...content, version: 2 }), JSON.stringify({ ...content, more: 1 })]) {
    expect(() => decodeContent(Buffer.from(text))).toThrow('request the deployment anew')
  }
})

test('the further file repeats the format version, where there is one', () => {
  expect(overrideFile({ web: 'r/web:v1@sha256:1' }, '3.7')).toBe('{"services":{"web":{"image":"r/web:v1@sha256:1"}},"version":"3.7"}\n')
  expect(overrideFile({}, null)).toBe('{"services":{}}\n')
})

test('secrets are taken out, the longest first, whole or a line of them', () => {
  const redact = redactor(['hunter2', 'hunter2-long', 'a\nsecond line', 'x', ''])
  expect(redact('say hunter2-long, hunter2 and the second line: x')).toBe('say ***, *** and the ***: x')
})
