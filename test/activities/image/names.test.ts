import { expect, test } from 'vitest'
import { parseBaseName } from '../../../activities/image/base-images.ts'
import { chooseImages } from '../../../activities/image/clean-images.ts'
import { engineAddress } from '../../../activities/image/engine.ts'
import { engineLogin } from '../../../activities/image/engine-login.ts'
import { judgeEngineWords } from '../../../activities/image/engine-failure.ts'
import { hashInputs, inputsTag, INPUTS_TAG, type InputParts } from '../../../activities/image/inputs.ts'

const digest = `sha256:${'1'.repeat(64)}`

test.each([
  ['busybox', { registry: 'docker.io', repository: 'library/busybox', tag: 'latest', digest: null }],
  ['eap/website:1', { registry: 'docker.io', repository: 'eap/website', tag: '1', digest: null }],
  ['registry.example:5000/a/b:1', { registry: 'registry.example:5000', repository: 'a/b', tag: '1', digest: null }],
  ['localhost/a', { registry: 'localhost', repository: 'a', tag: 'latest', digest: null }],
  [`a:1@${digest}`, { registry: 'docker.io', repository: 'library/a', tag: '1', digest }],
  ['', null],
  ['a b', null],
  ['a/../b', null],
  ['a?x=1', null],
  ['$(touch x)', null],
])('the base %j', (name, expected) => {
  expect(parseBaseName(name)).toEqual(expected)
})

test.each([
  [undefined, {}, { socketPath: '/var/run/docker.sock' }],
  [undefined, { DOCKER_HOST: 'unix:///x.sock' }, { socketPath: '/x.sock' }],
  ['unix:///y.sock', { DOCKER_HOST: 'unix:///x.sock' }, { socketPath: '/y.sock' }],
  ['tcp://engine:2375', {}, { host: 'engine', port: 2375, tls: false }],
  ['tcp://engine:2376', {}, { host: 'engine', port: 2376, tls: true }],
  ['tcp://engine:9', { DOCKER_TLS_VERIFY: '1' }, { host: 'engine', port: 9, tls: true }],
])('the engine of %j and %j', (dockerHost, environment, expected) => {
  expect(engineAddress(dockerHost, environment)).toEqual(expected)
})

test('an engine by ssh is refused', () => {
  expect(() => engineAddress(undefined, { DOCKER_HOST: 'ssh://engine' })).toThrow('expected unix:///path or tcp://host:port')
})

test('a login as the engine takes it', () => {
  expect(engineLogin(null, 'r.example')).toEqual({})
  expect(engineLogin({ kind: 'identity', token: 't' }, 'r.example')).toEqual({ identitytoken: 't', serveraddress: 'r.example' })
  expect(engineLogin({ kind: 'password', username: 'u', password: 'p' }, 'docker.io')).toEqual({
    username: 'u',
    password: 'p',
    serveraddress: 'https://index.docker.io/v1/',
  })
})

test.each([
  ['write /x: no space left on device', 'disk'],
  ['Head "https://r/v2/": unauthorized: authentication required', 'login'],
  ['denied: requested access to the resource is denied', 'login'],
  ['Get "https://r/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'network'],
  ['received unexpected HTTP status: 500 Internal Server Error', 'network'],
  ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', 'plain-http'],
  ['manifest for r/a:1 not found: manifest unknown: manifest unknown', 'missing'],
  ["pull access denied for a, repository does not exist or may require 'docker login': denied: no", 'missing'],
  ['COPY failed: file not found in build context', 'other'],
])('%j', (words, trouble) => {
  expect(judgeEngineWords(words)).toBe(trouble)
})

const parts: InputParts = {
  contextTree: 'a',
  dockerfile: { path: 'Dockerfile', blob: 'b' },
  target: null,
  args: { A: '1', B: '2' },
  bases: { x: 'y' },
  prebuild: null,
}

test('inputs are the same in any order, and change with each part', () => {
  const hash = hashInputs(parts)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(hashInputs({ ...parts, args: { B: '2', A: '1' } })).toBe(hash)
  const others: Partial<InputParts>[] = [
    { contextTree: 'c' },
    { dockerfile: { path: 'other', blob: 'b' } },
    { dockerfile: { path: 'Dockerfile', blob: 'c' } },
    { target: 'x' },
    { args: { A: '1' } },
    { bases: { x: 'z' } },
    { prebuild: { run: 'x', inputs: {} } },
  ]
  expect(new Set([hash, ...others.map((each) => hashInputs({ ...parts, ...each }))]).size).toBe(others.length + 1)
  expect(inputsTag(hash)).toMatch(INPUTS_TAG)
})

test('what goes is what is beyond the newest of its repository, and old enough', () => {
  const image = (repository: string, createdMs: number) => ({ name: `${repository}:${createdMs}`, repository, createdMs })
  const images = [image('a', 1), image('a', 5), image('a', 9), image('b', 1), image('a', 95)]
  const chosen = chooseImages(images, { keepPerRepository: 2, youngerThanMs: 10, nowMs: 100 })
  expect(chosen.map((each) => each.name)).toEqual(['a:1', 'a:5'])
  expect(chooseImages(images, { keepPerRepository: 0, youngerThanMs: 10, nowMs: 100 })).toHaveLength(4)
})
