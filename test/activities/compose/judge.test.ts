import { expect, test } from 'vitest'
import type { Container } from '../../../activities/compose/containers.ts'
import { judge, type Wanted } from '../../../activities/compose/judge.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`
const wanted: Wanted = {
  services: ['web'],
  overrides: { web: `r.example/web:v1@${digest('1')}` },
  images: [{ name: 'r.example/web', digest: digest('1') }],
  settleMs: 1_000,
}
const images = [
  { id: digest('a'), digests: [`r.example/web@${digest('1')}`, `other.example/web@${digest('1')}`] },
  { id: digest('b'), digests: [`r.example/web@${digest('2')}`] },
]
const web: Container = {
  id: 'id',
  name: 'shop_web_1',
  service: 'web',
  imageId: digest('a'),
  status: 'running',
  exitCode: 0,
  error: '',
  upMs: 5_000,
  restarts: 0,
  restartPolicy: 'unless-stopped',
  health: null,
  healthOutput: '',
  publishes: true,
}

test.each<[string, Partial<Container>, string, string]>([
  ['runs and stays up', {}, 'ready', 'web: running, r.example/web@111111111111'],
  ['has just been started', { upMs: 300 }, 'waiting', 'running for 0.3 s'],
  ['fell over before and is up again for a moment', { restarts: 1, upMs: 1_500 }, 'waiting', 'after 1 restarts'],
  ['fell over before and stays up now', { restarts: 1, upMs: 3_500 }, 'ready', 'running'],
  ['is healthy', { health: 'healthy', upMs: 10 }, 'ready', 'running and healthy'],
  ['is not healthy yet', { health: 'starting' }, 'waiting', 'has not passed yet'],
  ['is unhealthy', { health: 'unhealthy', healthOutput: 'no database' }, 'failed', 'its health check fails: no database'],
  ['is started again', { status: 'restarting', exitCode: 1, restarts: 1 }, 'waiting', 'exit code 1 and is started again'],
  ['is started again and again', { status: 'restarting', exitCode: 1, restarts: 3 }, 'failed', 'exit code 1 each time'],
  ['ended', { status: 'exited', exitCode: 1 }, 'failed', 'ended with exit code 1'],
  ['ended without an error, and should serve', { status: 'exited', exitCode: 0 }, 'failed', 'ended with exit code 0'],
  ['was a job that is done', { status: 'exited', restartPolicy: 'no', publishes: false }, 'ready', 'finished with exit code 0'],
  ['was a job that failed', { status: 'exited', exitCode: 2, restartPolicy: 'no', publishes: false }, 'failed', 'exit code 2'],
  ['could not be started', { status: 'created', error: 'port is already allocated' }, 'failed', 'port is already allocated'],
  ['is not started yet', { status: 'created' }, 'waiting', 'not started yet'],
  ['is paused', { status: 'paused' }, 'failed', 'is paused'],
  ['runs another image', { imageId: digest('b') }, 'failed', 'expected to run r.example/web@111111111111, found the image bbbbbbbbbbbb'],
  ['runs an image that is gone', { imageId: digest('c') }, 'failed', 'expected to run'],
])('a container that %s', (_, container, kind, says) => {
  const judgement = judge(wanted, [{ ...web, ...container }], images)
  expect(judgement.kind).toBe(kind)
  expect(judgement.lines.join('\n')).toContain(says)
})

test('one that fell over before has to settle as long as any other', () => {
  const patient = { ...wanted, settleMs: 5_000 }
  expect(judge(patient, [{ ...web, restarts: 1, upMs: 3_500 }], images).kind).toBe('waiting')
  expect(judge(patient, [{ ...web, restarts: 1, upMs: 5_000 }], images).kind).toBe('ready')
})

test('every container of a service counts, and only those that are asked for', () => {
  expect(judge(wanted, [web, { ...web, id: 'second', status: 'exited', exitCode: 1 }], images)).toMatchObject({
    kind: 'failed',
    culprits: [{ id: 'second' }],
  })
  expect(judge(wanted, [web, { ...web, service: 'db', status: 'exited', exitCode: 1 }], images).kind).toBe('ready')
})

test('a service without a container is missed', () => {
  expect(judge(wanted, [], images)).toMatchObject({ kind: 'failed', why: 'web: has no container' })
})

test('a service that runs none of the candidate is only looked at', () => {
  const both = { ...wanted, services: ['web', 'db'] }
  expect(judge(both, [web, { ...web, service: 'db', imageId: digest('c') }], images)).toMatchObject({
    kind: 'ready',
    lines: [expect.anything(), 'db: running'],
  })
})

test('with a placed file every image of the candidate has to run somewhere', () => {
  const placed = { ...wanted, services: null, overrides: null }
  expect(judge(placed, [web], images).kind).toBe('ready')
  expect(judge(placed, [{ ...web, imageId: digest('b') }], images)).toMatchObject({
    kind: 'failed',
    why: expect.stringContaining('no container of the project runs it'),
  })
})

test('two services that are made of the same bytes share an image, and each runs its own', () => {
  const twin = `r.example/twin:v1@${digest('1')}`
  const both: Wanted = {
    ...wanted,
    services: ['web', 'twin'],
    overrides: { ...wanted.overrides, twin },
    images: [...wanted.images, { name: 'r.example/twin', digest: digest('1') }],
  }
  const shared = [{ id: digest('a'), digests: [`r.example/web@${digest('1')}`, `r.example/twin@${digest('1')}`] }]
  const { kind, lines } = judge(both, [web, { ...web, id: 'second', service: 'twin' }], shared)
  expect(kind).toBe('ready')
  expect(lines.join('\n')).toContain('r.example/twin@111111111111')
})
