import { expect, test } from 'vitest'
import { CliError, EXIT } from '../../../client/exit.ts'
import { changeLines, factsOf } from '../../../client/watch/changes.ts'
import { reached } from '../../../client/watch/until.ts'
import { PLAIN, printed } from '../../../client/view/span.ts'
import type { SprintPicture } from '../../../client/picture.ts'
import { BEGIN, environmentOf, integrating, MINUTE, releasing, sprintOf } from '../sample.ts'
import { opens, slipway } from '../terminal.ts'

const lines = (before: SprintPicture | null, after: SprintPicture) =>
  printed(changeLines(before === null ? new Map() : factsOf(before), factsOf(after), after.now), { columns: 200, paint: PLAIN })

test('at first everything is said, then only what has changed', () => {
  const picture = integrating()
  expect(lines(null, picture)).toEqual([
    '04:05:00 1.0.0 is integrating',
    '04:05:00 feature feature/cart is merged',
    '04:05:00 feature feature/login is not merged yet',
    '04:05:00 build bbbbbbbb of develop: running',
    '04:05:00 build bbbbbbbb of develop: api reused',
    '04:05:00 build bbbbbbbb of develop: website building',
    '04:05:00 build aaaaaaaa: built, develop',
    '04:05:00 build dddddddd: built',
    '04:05:00 integration: develop.aaaaaaaa as epoch 3: verifying',
    '04:05:00 alpha: nothing runs yet',
    '04:05:00 waits for: feature/login is not in develop yet; its developer merges it',
  ])
  const { running } = picture.environments[0]!.view!.state
  const retry = { reason: 'the host does not answer', at: picture.now + 9000 }
  const view = environmentOf('integration', { ...picture.environments[0]!.view!.state, running: { ...running!, retry } })
  const later = {
    ...picture,
    now: picture.now + 1000,
    environments: picture.environments.map((each) => (each.settings.name === 'integration' ? { ...each, view } : each)),
  }
  expect(lines(picture, later)).toEqual([
    '04:05:01 integration: develop.aaaaaaaa as epoch 3: verifying, attempt 2 failed: the host does not answer',
  ])
  expect(lines(later, { ...later, now: later.now + 3000 })).toEqual([])
})

test.each([
  ['integrating', 'reached'],
  ['stabilising', 'reached'],
  ['releasing', 'reached'],
  ['live', null],
  ['aborted', null],
  ['approval', 'reached'],
  ['signOff', null],
  [null, null],
] as const)('while v1.0.0 waits for approval, %s is %s', (until, wanted) => {
  expect(reached(releasing(), until)).toBe(wanted)
})

test.each([
  ['hotfixing', 'stabilising', 'reached'],
  ['hotfixing', 'live', null],
  ['rolledBack', 'live', null],
  ['rolledBack', 'rolledBack', 'reached'],
  ['mergingBack', 'live', 'reached'],
  ['mergingBack', 'hotfixing', null],
  ['mergingBack', 'rolledBack', null],
  ['mergingBack', 'mergeBack', 'reached'],
  ['finished', 'mergingBack', 'reached'],
  ['finished', 'finished', 'reached'],
  ['finished', 'hotfixing', 'missed'],
  ['finished', 'approval', 'missed'],
  ['finished', 'aborted', 'missed'],
  ['finished', null, 'reached'],
] as const)('of a sprint that is %s, %s is %s', (phase, until, wanted) => {
  const { state } = releasing().sprint
  expect(reached({ ...releasing(), sprint: sprintOf({ ...state, phase, environments: {} }) }, until)).toBe(wanted)
})

test('a sprint that was aborted comes nowhere any more, and nobody needs to watch it', () => {
  const aborted = { ...releasing(), sprint: sprintOf({ phase: 'aborted' }) }
  expect(reached(aborted, 'live')).toBe('missed')
  expect(reached(aborted, 'integrating')).toBe('missed')
  expect(reached(aborted, 'aborted')).toBe('reached')
  expect(reached(aborted, null)).toBe('reached')
})

/** Answers with one picture after another, the last one again and again; an error is an answer too. */
function film(...pictures: (SprintPicture | CliError)[]) {
  let index = 0
  const now = () => pictures[Math.min(index, pictures.length - 1)]!
  return opens({
    repository: async () => {
      const picture = now()
      if (picture instanceof CliError) throw (index++, picture)
      return picture.repository
    },
    sprint: async () => {
      const picture = pictures[Math.min(index++, pictures.length - 1)]
      return picture instanceof CliError || picture === undefined ? null : picture.sprint
    },
    environment: async () => null,
    build: async () => null,
    buildActivities: async () => [],
    deploymentActivities: async () => [],
  })
}

const plain = (picture: SprintPicture): SprintPicture => ({
  ...picture,
  live: { builds: [], deployments: [] },
  repository: { ...picture.repository, builds: [] },
})

test('without a terminal: a line a change, through an outage, until it has come there', async () => {
  const away = new CliError(EXIT.failed, 'Temporal answers, but no worker does')
  const open = film(plain(integrating()), plain(integrating()), away, away, plain(releasing()), plain(releasing()))
  const { code, out } = await slipway(['status', '1.0.0', '--watch', '--until', 'releasing'], {
    open,
    io: { now: () => BEGIN + 6 * MINUTE },
  })
  expect(code).toBe(0)
  expect(out.split('\n').filter((line) => / is (integrating|releasing)|worker|again/.test(line))).toEqual([
    '04:06:00 1.0.0 is integrating',
    '04:06:00 Temporal answers, but no worker does',
    '04:06:00 it answers again',
    '04:06:00 1.0.0 is releasing',
  ])
})

test('what does not come in time ends with exit 1 and where it stands', async () => {
  expect(
    await slipway(['status', '1.0.0', '--until', 'live', '--timeout', '0.6', '--json'], { open: film(plain(integrating())) }),
  ).toMatchObject({
    code: 1,
    err: '1.0.0 has not come to live in 0.6 s; it is integrating\n  next: slipway status 1.0.0\n',
    out: expect.stringContaining('"phase": "integrating"'),
  })
})

test('Ctrl-C ends it well', async () => {
  const onInterrupt = (handler: (signal: NodeJS.Signals) => void) => {
    const timer = setTimeout(() => handler('SIGINT'), 300)
    return () => clearTimeout(timer)
  }
  expect(await slipway(['status', '1.0.0', '--watch'], { open: film(plain(integrating())), io: { onInterrupt } })).toMatchObject({
    code: 0,
  })
})

test('a sprint that is not there ends it', async () => {
  expect(
    await slipway(['status', '2.0.0', '--watch'], { open: opens({ sprint: async () => null, environment: async () => null }) }),
  ).toMatchObject({ code: 4 })
})
