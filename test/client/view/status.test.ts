import { expect, test } from 'vitest'
import { PLAIN, printed } from '../../../client/view/span.ts'
import { statusLines } from '../../../client/view/status.ts'
import type { SprintPicture } from '../../../client/picture.ts'
import { A, B, BEGIN, candidateOf, environmentOf, integrating, MINUTE, pictureOf, releasing, requestOf, sprintOf } from '../sample.ts'

function page(picture: SprintPicture, columns = 200): string {
  return printed(statusLines(picture, { spinner: '⠋', columns }), { columns, paint: PLAIN }).join('\n')
}

test('while it integrates: features, the build that runs, the rollout that runs', () => {
  expect(page(integrating())).toBe(
    `
website 1.0.0

● integrating 5 min ── ○ stabilising ── ○ releasing ── ○ live ── ○ mergingBack ── ○ finished

features
  ✓  feature/cart   merged
  ○  feature/login  not in develop yet

images
  bbbbbbbb  develop  building for 1 min
    api      ✓  reused
    website  ⠋  building  Step 4/9 : RUN make \\u{202e}evil
  aaaaaaaa  develop
    api      ✓  111111111111  reused
    website  ✓  aaaaaaaaaaaa  built
  dddddddd
    api      ✓  111111111111  reused
    website  ✓  dddddddddddd  built

environments
  integration  ⠋  develop.aaaaaaaa  epoch 3  verifying for 1 min, attempt 2  website: 1 of 2 ready
  alpha        ○  nothing yet
  prod         ○  nothing yet

waits for
  feature/login is not in develop yet; its developer merges it  5 min

next
  slipway feature merged feature/login
  slipway cut 1.0.0 --without feature/login
  slipway abort 1.0.0 --reason …`.trimStart(),
  )
})

test('while it waits for approval: what runs, what waits, by whom it can be approved', () => {
  expect(page(releasing())).toBe(
    `
website 1.0.0  v1.0.0

✓ integrating ── ✓ stabilising ── ● releasing 2 min ── ○ live ── ○ mergingBack ── ○ finished

images
  aaaaaaaa  release-1.0.0, v1.0.0
    api      ✓  111111111111  reused
    website  ✓  aaaaaaaaaaaa  built

environments
  integration  ✓  develop.aaaaaaaa        epoch 1  verified 5 min ago
  alpha        ✓  release-1.0.0.aaaaaaaa  epoch 1  verified 4 min ago, signed off by anne (unverified)
  prod         ?  v1.0.0                           waits for approval for 2 min; v0.9.0 runs

waits for
  v1.0.0 waits for approval by alice or bob  2 min

next
  slipway approve prod
  slipway reject prod --reason …
  slipway abort 1.0.0 --reason …`.trimStart(),
  )
})

test('what cannot go on yet says why and when it is tried again', () => {
  const picture = integrating()
  const running = picture.environments[0]!.view!.state.running!
  const stuck = environmentOf('integration', {
    epoch: 3,
    running: { ...running, step: 'applying', retry: { reason: 'connect ECONNREFUSED 10.0.0.1:22', at: picture.now + 12_000 } },
  })
  const shown = page({ ...picture, environments: [{ ...picture.environments[0]!, view: stuck }] })
  expect(shown).toContain(
    '  integration  !  develop.aaaaaaaa  epoch 3  applying, attempt 2 failed: connect ECONNREFUSED 10.0.0.1:22; next try in 12 s',
  )
})

test('a build that cannot go on yet says why, in its row and among the waits', () => {
  const picture = integrating()
  const retry = { reason: 'the registry does not answer', attempt: 2, at: picture.now + 8_000 }
  const build = picture.live.builds[0]!
  const services = [{ service: 'website', status: 'building' as const, seconds: null, log: null, retry }]
  const { state } = picture.sprint
  const develop = { name: 'develop', revision: B, imageTag: 'develop.bbbbbbbb', since: BEGIN, build: { status: 'building' as const } }
  const shown = page({
    ...picture,
    sprint: sprintOf({ features: [], facts: { ...state.facts, develop } }),
    live: { builds: [{ ...build, view: { revision: B, services } }], deployments: [] },
  })
  expect(shown).toContain('    website  !  waiting  the registry does not answer; next try in 8 s')
  expect(shown).toContain(
    'the images of develop.bbbbbbbb are being built, but website: the registry does not answer; next try in 8 s  5 min',
  )
})

test('lines that name no service stand below a build of several', () => {
  const picture = integrating()
  const build = picture.live.builds[0]!
  const line = (id: string, text: string, service: string | null) => ({ id, type: 'buildImage', line: text, service })
  const services = (['api', 'website', 'worker'] as const).map((service) => ({
    service,
    status: 'building' as const,
    seconds: null,
    log: null,
    retry: null,
  }))
  const activities = [line('1', 'Step 1', null), line('2', 'Step 2', 'website'), line('3', 'Step 3', null)]
  const shown = page({ ...picture, live: { builds: [{ ...build, view: { revision: B, services }, activities }], deployments: [] } })
  expect(shown).toContain(
    '    api      ⠋  building\n    website  ⠋  building  Step 2\n    worker   ⠋  building\n      Step 1\n      Step 3\n',
  )
})

test('a failed build is marked, and its log comes first among the next commands', () => {
  const build = { status: 'failed' as const, reason: 'step 3: exit 1', log: null }
  const develop = { name: 'develop', revision: A, imageTag: 'develop.aaaaaaaa', since: BEGIN, build }
  const shown = page(
    pictureOf({ sprint: sprintOf({ features: [], facts: { sequence: 1, develop, release: null, tags: [], features: [] } }) }),
  )
  expect(shown).toContain('  aaaaaaaa  develop  ✗ failed')
  expect(shown).toContain('next\n  slipway logs develop.aaaaaaaa\n  slipway retry\n  slipway cut 1.0.0')
})

test('a parked deployment says what is left, and sentences fold at the width', () => {
  const picture = releasing()
  const parked = {
    request: requestOf(candidateOf(A), 'v1.0.0', BEGIN),
    epoch: 5,
    target: 'restored' as const,
    step: 'verifying' as const,
    reason: 'website: ImagePullBackOff',
    observed: [],
    log: null,
    since: BEGIN + 4 * MINUTE,
  }
  const prod = picture.environments[2]!
  const view = environmentOf('prod', { ...prod.view!.state, waiting: [], parked })
  const sprint = sprintOf({ ...picture.sprint.state, phase: 'aborted' })
  const shown = page({ ...picture, sprint, environments: [{ ...prod, view }] }, 60)
  expect(shown).toContain('✗ aborted 2 min ago')
  expect(shown).toContain('  prod  ✗  v1.0.0  epoch 5  failed 1 min ago, v0.9.0 runs: …')
})

test('no escape sequence of a branch or a log line comes through, whatever the colours', () => {
  const picture = integrating()
  const [cart] = picture.sprint.state.features
  const evil = sprintOf({ features: [{ ...cart!, branch: 'x\u001b[2J\u0007' }] })
  const painted = printed(statusLines({ ...picture, sprint: evil }, { spinner: '⠋', columns: 200 }), {
    columns: 200,
    paint: (_style, text) => `<${text}>`,
  }).join('\n')
  // eslint-disable-next-line no-control-regex
  expect(painted).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})
