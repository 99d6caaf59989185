import { expect, test } from 'vitest'
import { parseComposeFile } from '../../../activities/compose/compose-file.ts'

const services = (text: string) => {
  const parsed = parseComposeFile(text, 'docker-compose.yml')
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.value.services
}

test('reads services, images and who is started', () => {
  const parsed = parseComposeFile(
    `version: "3.7"
name: shop
x-base: &base
  image: r/a:1
services:
  web: { <<: *base }
  api: { image: 'r/b:\${TAG}' }
  tool: { image: r/c, profiles: [tools] }
  none: { image: r/d, deploy: { replicas: 0 } }
  built: { build: . }
  like: { extends: api }
  also: { extends: { service: like } }
`,
    'docker-compose.yml',
  )
  expect(parsed).toEqual({
    ok: true,
    value: {
      version: '3.7',
      name: 'shop',
      services: [
        { name: 'web', image: 'r/a:1', started: true, needs: [] },
        { name: 'api', image: 'r/b:${TAG}', started: true, needs: [] },
        { name: 'tool', image: 'r/c', started: false, needs: [] },
        { name: 'none', image: 'r/d', started: false, needs: [] },
        { name: 'built', image: null, started: true, needs: [] },
        { name: 'like', image: 'r/b:${TAG}', started: true, needs: [] },
        { name: 'also', image: 'r/b:${TAG}', started: true, needs: [] },
      ],
    },
  })
})

test('what a service needs is told from all that makes compose start another one', () => {
  const text = `services:
  web: { image: x, depends_on: [api, api], links: ["cache:redis"] }
  api: { image: x, depends_on: { db: { condition: service_started } }, volumes_from: ["files:ro"] }
  beside: { image: x, network_mode: "service:web", pid: "service:api" }
  like: { extends: api, depends_on: [cache] }
  alone: { image: x, network_mode: host }
`
  expect(Object.fromEntries(services(text).map(({ name, needs }) => [name, needs]))).toEqual({
    web: ['api', 'cache'],
    api: ['db', 'files'],
    beside: ['web', 'api'],
    like: ['cache', 'db', 'files'],
    alone: [],
  })
})

test('a service that extends itself has no image', () => {
  expect(services('services: { a: { extends: b }, b: { extends: a } }')[0]?.image).toBeNull()
})

test.each([
  ['services: [', 'a mistake'],
  ['services: { a: { image: x } }\n---\nservices: { a: { privileged: true } }', 'multiple documents'],
  ['a: b', '"services:"'],
  ['web: { image: x }', '"services:"'],
  ['', '"services:"'],
  ['services: { web: x }', 'services."web"'],
  ['services: { "a b": {} }', 'services."a b"'],
  ['services: { "-rf": { image: x } }', 'services."-rf"'],
  ['services: { "$(touch x)": { image: x } }', 'services."$(touch x)"'],
  ['services: { a: { extends: { file: b.yml, service: c } } }', 'extends another file'],
  ['include: [b.yml]\nservices: { a: { image: x } }', '"include:"'],
  [
    `a: &a [x,x]\n${Array.from({ length: 12 }, (_, i) => `${'bcdefghijklmn'[i]}: &${'bcdefghijklmn'[i]} [*${'abcdefghijklm'[i]},*${'abcdefghijklm'[i]},*${'abcdefghijklm'[i]}]`).join('\n')}\nservices: {}`,
    'cannot be unfolded',
  ],
])('%j is refused with a sentence', (text, says) => {
  const parsed = parseComposeFile(text, 'docker-compose.yml at 1a2b3c4d')
  expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(says) })
  expect(parsed).toMatchObject({ problem: expect.stringMatching(/^expected in docker-compose.yml at 1a2b3c4d/) })
})
