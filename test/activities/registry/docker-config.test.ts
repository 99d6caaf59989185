import { expect, test } from 'vitest'
import { findLogin } from '../../../activities/registry/docker-config.ts'

const auth = (text: string) => Buffer.from(text).toString('base64')
const password = (username: string, secret: string) => ({ kind: 'login', login: { kind: 'password', username, password: secret } })

test.each([
  ['by address', { auths: { 'registry.example:5000': { auth: auth('ci:a:b') } } }, password('ci', 'a:b')],
  ['by URL', { auths: { 'https://registry.example:5000/v2/': { auth: auth('ci:x') } } }, password('ci', 'x')],
  ['in two fields', { auths: { 'registry.example:5000': { username: 'ci', password: 'x' } } }, password('ci', 'x')],
  ['a token', { auths: { 'registry.example:5000': { identitytoken: 't' } } }, { kind: 'login', login: { kind: 'identity', token: 't' } }],
  ['of another', { auths: { 'other.example': { auth: auth('ci:x') } } }, null],
  ['of another port', { auths: { 'registry.example': { auth: auth('ci:x') } } }, null],
  ['empty', {}, null],
  [
    'a helper of its own',
    { credHelpers: { 'registry.example:5000': 'pass' }, credsStore: 'other' },
    { kind: 'helper', helper: 'pass', server: 'registry.example:5000' },
  ],
  [
    'a store',
    { auths: { 'registry.example:5000': {} }, credsStore: 'secretservice' },
    { kind: 'helper', helper: 'secretservice', server: 'registry.example:5000' },
  ],
])('%s', (_, config, expected) => {
  expect(findLogin(JSON.stringify(config), 'registry.example:5000')).toEqual(expected)
})

test('Docker Hub by its old address', () => {
  expect(findLogin(JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth: auth('a:b') } } }), 'docker.io')).toEqual(
    password('a', 'b'),
  )
})

test.each([
  'no json',
  '[]',
  JSON.stringify({ credsStore: '../evil' }),
  JSON.stringify({ auths: { 'registry.example:5000': { auth: '!!' } } }),
])('%s is refused without repeating it', (text) => {
  expect(() => findLogin(text, 'registry.example:5000')).toThrow(TypeError)
})
