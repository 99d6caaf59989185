import { expect, test } from 'vitest'
import { explainedBy } from '../../../activities/compose/explained.ts'
import { readAnswer, type ComposeAnswer } from '../../../activities/compose/plan-answer.ts'
import { planServices } from '../../../activities/compose/plan-services.ts'
import { serviceDiff } from '../../../activities/compose/service-diff.ts'

const nothingPlain = { before: () => false, after: () => false }

const container = (service: string, hash: string, status = 'running') => ({
  id: `${service}1`,
  name: `shop_${service}_1`,
  service,
  hash,
  status,
})

function planned(answer: Partial<ComposeAnswer>, more: { services?: string[]; gone?: string[] } = {}) {
  const whole: ComposeAnswer = { containers: [], hashes: new Map(), after: null, before: null, ...answer }
  const changes = planServices({ answer: whole, services: more.services ?? [], gone: more.gone ?? [], isPlain: nothingPlain })
  return changes.map(({ object, change }) => `${object} ${change}`)
}

test("compose's own hashes say what it would do", () => {
  const hashes = new Map([
    ['new', '1'],
    ['same', '1'],
    ['other', '2'],
    ['stopped', '1'],
  ])
  const containers = [container('same', '1'), container('other', '1'), container('stopped', '1', 'exited'), container('foreign', '9')]
  expect(planned({ hashes, containers: [...containers, container('gone', '3')] }, { gone: ['gone', 'never'] })).toEqual([
    'service new create',
    'service other replace',
    'service same unchanged',
    'service stopped update',
    'service gone delete',
  ])
})

test('services that are named are started with all that they depend on', () => {
  const after = { a: { depends_on: ['b'] }, b: { depends_on: { c: { condition: 'service_started' } } }, c: {}, d: {} }
  const hashes = new Map(Object.keys(after).map((name) => [name, '1']))
  expect(planned({ hashes, after }, { services: ['a'] })).toEqual(['service a create', 'service b create', 'service c create'])
})

test('values that nothing explains are hidden, and that they change is seen', () => {
  const plain = explainedBy(
    `services:
  web:
    image: "web:\${TAG}"
    command: serve --greeting \${GREETING} --key \${FROM_ENV}
    env_file: secret.env
    environment:
      - GREETING=\${GREETING:-none}
      - PASSED
      - LITERAL=a=b
      - URL=\${HOST_ONLY:-fallback}
`,
    { TAG: '1', GREETING: 'hello', PASSED: 'on', DB: '(secret DB)' },
  )
  const environment = { GREETING: 'hello', PASSED: 'on', LITERAL: 'a=b', URL: 'what the host says', SECRET: 'hunter2', COUNT: 7 }
  const before = { image: 'web:1', environment, command: ['serve', '--greeting', 'hello', '--key', 'hunter2'] }
  const after = { image: 'web:2', environment: { ...environment, SECRET: 'correcthorse' }, command: before.command }
  const diff = serviceDiff(before, after, { before: plain, after: plain })
  expect(diff).toBe(
    [
      '@@ -9,6 +9,6 @@',
      '   GREETING: hello',
      '   LITERAL: a=b',
      '   PASSED: on',
      '-  SECRET: "*** (before)"',
      '+  SECRET: "*** (after)"',
      '   URL: "***"',
      '-image: web:1',
      '+image: web:2',
    ].join('\n'),
  )
  const whole = serviceDiff(null, after, { before: plain, after: plain })
  expect(whole).toContain('+  COUNT: "***"')
  expect(whole).toContain('+  - serve\n+  - --greeting\n+  - hello\n+  - --key\n+  - "***"')
  expect(whole).not.toMatch(/hunter2|correcthorse|what the host says/)
})

test('the answer of the host is read by the id of the call', () => {
  const labels = (more: object) => ({ 'com.docker.compose.service': 'web', 'com.docker.compose.config-hash': 'h', ...more })
  const line = (name: string, of: object) => `call container ${JSON.stringify(['id', `/${name}`, of, 'running'])}`
  const text = [
    'call held 3 shop/alpha',
    line('shop_web_1', labels({})),
    line('shop_web_run_1', labels({ 'com.docker.compose.oneoff': 'True' })),
    'call hashes',
    `web ${'a'.repeat(64)}`,
    'WARNING: not a hash',
    'call after',
    'services: {web: {image: a}}',
    '',
  ].join('\n')
  expect(readAnswer(text, 'call')).toEqual({
    containers: [{ id: 'id', name: 'shop_web_1', service: 'web', hash: 'h', status: 'running' }],
    hashes: new Map([['web', 'a'.repeat(64)]]),
    after: { web: { image: 'a' } },
    before: null,
  })
})
