import { expect, test } from 'vitest'
import { matchImages } from '../../../activities/compose/match-images.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`
const image = (service: string, digit: string) => ({
  service,
  repository: `eap/${service}`,
  digest: digest(digit),
  inputs: '',
  reused: false,
})

function match(images: Record<string, string | null>, variables: Record<string, string> = { REGISTRY: 'r.example:5000', TAG: 'v1' }) {
  return matchImages({
    services: Object.entries(images).map(([name, each]) => ({ name, image: each, started: true, needs: [] })),
    candidate: { revision: 'a'.repeat(40), images: [image('api', '1'), image('website', '2')], configHash: '' },
    registry: 'r.example:5000',
    tag: 'v1',
    variables,
    where: 'docker-compose.yml at 1a2b3c4d',
  })
}

const API = `r.example:5000/eap/api:v1@${digest('1')}`
const WEBSITE = `r.example:5000/eap/website:v1@${digest('2')}`

test.each<[string, Record<string, string | null>, Record<string, string>]>([
  ['variables', { api: '${REGISTRY}/eap/api:${TAG}', website: '$REGISTRY/eap/website:$TAG' }, { api: API, website: WEBSITE }],
  [
    'defaults and required ones',
    { api: '${REGISTRY:-x}/eap/api:${TAG:?set it}', website: '${MIRROR:-r.example:5000}/eap/website:${TAG}' },
    { api: API, website: WEBSITE },
  ],
  ['what is written out', { api: 'r.example:5000/eap/api:latest', website: 'r.example:5000/eap/website' }, { api: API, website: WEBSITE }],
  [
    'a digest of its own',
    { api: `r.example:5000/eap/api@${digest('9')}`, website: `r.example:5000/eap/website:x@${digest('9')}` },
    { api: API, website: WEBSITE },
  ],
  [
    'several services of one image',
    { api: '${REGISTRY}/eap/api:${TAG}', migrate: '${REGISTRY}/eap/api:${TAG}', website: '${REGISTRY}/eap/website:${TAG}' },
    { api: API, migrate: API, website: WEBSITE },
  ],
  [
    'others beside them',
    { api: API, website: WEBSITE, db: 'postgres:16', cache: 'r.example:5000/infra/redis:7', built: null, side: '${SIDE}/x:1' },
    { api: API, website: WEBSITE },
  ],
])('pins %s', (_, images, value) => {
  expect(match(images)).toEqual({ ok: true, value })
})

test.each<[string, Record<string, string | null>, string]>([
  [
    'an image that nobody runs',
    { api: '${REGISTRY}/eap/api:${TAG}', db: 'postgres:16' },
    'a service with the image r.example:5000/eap/website, which website was built as, found r.example:5000/eap/api:v1, postgres:16',
  ],
  [
    'another registry',
    { api: '${REGISTRY}/eap/api:${TAG}', website: 'hub.example/eap/website:${TAG}' },
    'write it as ${REGISTRY}/eap/website:${TAG}',
  ],
  ['no images', { api: null }, 'found no images'],
  [
    'an image of ours that was not built',
    { api: API, website: WEBSITE, worker: '${REGISTRY}/eap/worker:${TAG}' },
    'worker names an image that can be deployed by digest, found r.example:5000/eap/worker:v1',
  ],
  ['a variable without a value', { api: API, website: WEBSITE, worker: '${WHERE}/eap/api:${TAG}' }, 'WHERE has no value'],
])('refuses %s', (_, images, says) => {
  expect(match(images)).toMatchObject({ ok: false, problem: expect.stringContaining(says) })
})
