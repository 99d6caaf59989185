import { expect, test } from 'vitest'
import { parseChallenge } from '../../../activities/registry/challenge.ts'

const bearer = { scheme: 'bearer', realm: 'https://auth.example/token', service: null, scope: null }

test.each([
  [null, null],
  ['', null],
  ['Negotiate', null],
  ['Basic realm="a, b"', { scheme: 'basic' }],
  ['basic', { scheme: 'basic' }],
  ['Bearer realm="https://auth.example/token"', bearer],
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    { ...bearer, service: 'registry.example', scope: 'repository:a/b:pull,push' },
  ],
  ['BEARER realm = "https://auth.example/token" , service=plain', { ...bearer, service: 'plain' }],
  ['Basic realm="x", Bearer realm="https://auth.example/token"', bearer],
  ['Bearer service="no realm"', null],
  [String.raw`Bearer realm="https://auth.example/token",service="with \"quotes\""`, { ...bearer, service: 'with "quotes"' }],
])('%j', (header, expected) => {
  expect(parseChallenge(header)).toEqual(expected)
})
