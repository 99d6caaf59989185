import { expect, test } from 'vitest'
import { readFound, seenImages } from '../../../activities/compose/found-containers.ts'

const CALL = 'c0ffee'
const digest = (digit: string) => `sha256:${digit.repeat(64)}`
const labels = (service: string, more = {}) => ({
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': service,
  ...more,
})
const container = (...fields: readonly unknown[]) => `${CALL} container ${JSON.stringify(fields)}`
const image = (...fields: readonly unknown[]) => `${CALL} image ${JSON.stringify(fields)}`
const look = (...lines: readonly string[]) => seenImages(readFound(['a greeting', ...lines].join('\n'), CALL), 'registry.example:5000')

test('an image of the registry: its tag as the file had it, its digest as the engine knows it under that name', () => {
  expect(
    look(
      container(labels('web'), 'registry.example:5000/eap/web:v1.0.0', 'id1', 'running'),
      image('id1', [`other.example/eap/web@${digest('2')}`, `registry.example:5000/eap/web@${digest('1')}`]),
    ),
  ).toEqual({ images: [{ where: 'web', repository: 'eap/web', tag: 'v1.0.0', digest: digest('1') }], others: [] })
})

test('an image that was built on the host has no digest', () => {
  expect(look(container(labels('web'), 'registry.example:5000/eap/web', 'id1', 'running'), image('id1', null)).images).toEqual([
    { where: 'web', repository: 'eap/web', tag: 'latest', digest: null },
  ])
})

test('what is of another registry, or has ended, is told in words', () => {
  expect(
    look(
      container(labels('db'), 'postgres:16', 'id1', 'running'),
      container(labels('migrate'), 'registry.example:5000/eap/web:v1.0.0', 'id2', 'exited'),
    ),
  ).toEqual({
    images: [],
    others: ['db runs postgres:16, which is not of registry.example:5000', 'migrate (registry.example:5000/eap/web:v1.0.0) is exited'],
  })
})

test('containers that "docker-compose run" left, and those of no project, do not count', () => {
  const reference = 'registry.example:5000/eap/web:v1.0.0'
  expect(
    look(
      container(labels('web', { 'com.docker.compose.oneoff': 'True' }), reference, 'id1', 'running'),
      container(null, reference, 'id1', 'running'),
    ),
  ).toEqual({ images: [], others: [] })
})

test('the containers of a scaled service are one', () => {
  const one = container(labels('web'), 'registry.example:5000/eap/web:v1.0.0', 'id1', 'running')
  expect(look(one, one, image('id1', [])).images).toHaveLength(1)
})
