import { expect, test } from 'vitest'
import { configurationDrift } from '../../../activities/compose/configuration-drift.ts'
import { readEffective } from '../../../activities/compose/effective.ts'
import { readLive, type LiveContainer } from '../../../activities/compose/live-containers.ts'

const V1 = `services:
  web:
    environment: {A: "1", B: "x$$y", C: null, D: true}
    ports: ["8080:80/tcp", "127.0.0.1:53:53/udp", "90"]
    volumes: ["/srv/page:/page:ro", "data:/data:rw", "/cache"]
`
const V2 = `services:
  web:
    environment: {A: "1", B: "x$$y", C: null, D: "true"}
    ports:
      - {mode: ingress, target: 80, published: "8080", protocol: tcp}
      - {mode: ingress, host_ip: 127.0.0.1, target: 53, published: "53", protocol: udp}
      - {mode: ingress, target: 90, protocol: tcp}
    volumes:
      - {type: bind, source: /srv/page, target: /page, read_only: true}
      - {type: volume, source: data, target: /data, volume: {}}
      - {type: volume, target: /cache, volume: {}}
`

test.each([
  ['v1', V1],
  ['v2', V2],
])('what compose %s prints of a service', (_kind, text) => {
  expect(readEffective(text)).toEqual({
    web: {
      environment: { A: '1', B: 'x$y', C: null, D: 'true' },
      ports: ['8080:80/tcp', '127.0.0.1:53:53/udp', '90/tcp'],
      volumes: [
        { source: '/srv/page', target: '/page', bind: true },
        { source: 'data', target: '/data', bind: false },
        { source: null, target: '/cache', bind: false },
      ],
    },
  })
})

test('what cannot be read says nothing', () => {
  expect(readEffective('services: [')).toBeNull()
  expect(readEffective('hello')).toBeNull()
  expect(readEffective('services: {web: {ports: ["3000-3005:80"]}}')?.['web']?.ports).toBeNull()
})

const live: LiveContainer = {
  name: 'shop-web-1',
  service: 'web',
  imageId: 'sha256:1',
  hash: 'h',
  status: 'running',
  exitCode: 0,
  createdAt: 1,
  finishedAt: null,
  restartPolicy: 'no',
  environment: { A: '1', B: 'x$y', D: 'true', PATH: '/bin' },
  ports: ['90/tcp', '127.0.0.1:53:53/udp', '8080:80/tcp'],
  mounts: [
    { type: 'bind', source: '/srv/page', target: '/page' },
    { type: 'volume', source: 'shop_data', target: '/data' },
    { type: 'volume', source: 'f'.repeat(64), target: '/cache' },
  ],
}

test('a container as compose would start it differs in nothing; the image brings variables of its own', () => {
  const wanted = readEffective(V2)?.['web'] ?? null
  const image = { id: 'sha256:1', digests: [], environment: { PATH: '/bin' } }
  expect(configurationDrift(live, wanted, image)).toEqual([])
  const changed = { ...live, environment: { ...live.environment, PATH: '/sbin', A: '2' }, mounts: live.mounts.slice(1) }
  expect(configurationDrift(changed, wanted, image).map(({ field, found }) => [field, found])).toEqual([
    ['environment.A', 'changed'],
    ['environment.PATH', 'set'],
    ['volumes./page', 'missing'],
  ])
})

test('containers that were run once are nobody’s, in the record as well', () => {
  const container = (labels: object) =>
    `c container ${JSON.stringify({ name: '/x', created: '2026-11-25T22:00:00Z', image: 'sha256:1', status: 'running', exitCode: 0, finished: '0001-01-01T00:00:00Z', labels, env: null, ports: null, restart: '', mounts: null })}`
  const service = { 'com.docker.compose.service': 'web' }
  const printed = [
    'c brought shop web',
    'c brought shop-2 api',
    'c applied web sha256:1 hash False',
    'c applied web sha256:1 hash True',
    container(service),
    container({ ...service, 'com.docker.compose.oneoff': 'True' }),
    container({}),
  ]
  const { applied, brought, containers } = readLive(printed.join('\n'), 'c', 'shop')
  expect(applied).toEqual([{ service: 'web', imageId: 'sha256:1', hash: 'hash' }])
  expect(brought).toEqual(['web'])
  expect(containers).toMatchObject([{ service: 'web', finishedAt: null, restartPolicy: 'no' }])
})
