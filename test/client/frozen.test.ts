import { expect, test, vi } from 'vitest'
import { refuse } from '../../domain/wait.ts'
import { environmentCommands, environmentWaits } from '../../domain/environment/waits.ts'
import type { EnvironmentState, Preparation } from '../../domain/environment/state.ts'
import { ANNE, BEGIN, environmentOf, releasing } from './sample.ts'
import { opens, slipway } from './terminal.ts'

const HASH = '0123456789abcdef'.repeat(4)
const ben = ['--as', 'ben']
const HOUR = 3_600_000

/** Production, where what was approved waits for the end of a freeze, and an earlier override for a second person. */
function frozen() {
  const { state: before } = releasing().environments[2]!.view!
  const [waiting] = before.waiting
  const { preparation } = waiting!.stage as { preparation: Preparation }
  const approval = { request: 'v1.0.0', hash: HASH, by: ANNE, at: BEGIN, reason: null }
  const state: EnvironmentState = {
    ...before,
    waiting: [{ ...waiting!, stage: { kind: 'ready', preparation, approval, problem: null } }],
    freeze: {
      open: false,
      windows: [{ name: 'weekend', kind: 'deny', reason: 'nobody is there' }],
      until: BEGIN + HOUR,
      untilWords: '2026-11-23 06:00 Europe/Berlin',
      rollbacks: 'pass',
      at: BEGIN,
      again: BEGIN + HOUR,
      since: BEGIN,
    },
    unconfirmed: [{ epoch: 4, tag: 'v0.9.0', by: ANNE, at: BEGIN, reason: 'the shop is down', windows: ['weekend'] }],
  }
  return { ...environmentOf('prod', state), waits: environmentWaits(state), next: environmentCommands(state) }
}

const open = (more: Parameters<typeof opens>[0] = {}) => opens({ environment: async () => frozen(), ...more })
const io = { now: () => BEGIN + HOUR / 2 }

test('slipway env says that it is frozen, by what and until when, and who is to confirm what', async () => {
  const { out } = await slipway(['env', 'prod'], { open: open(), io })
  expect(out).toContain('v1.0.0')
  expect(out).toContain('frozen until 2026-11-23 06:00 Europe/Berlin')
  const plain = out.replace(/\s+/g, ' ')
  expect(plain).toContain(
    'v1.0.0 waits: prod is frozen by weekend (nobody is there), until 2026-11-23 06:00 Europe/Berlin; it begins by itself then',
  )
  expect(plain).toContain('Somebody else confirms that: slipway confirm prod 4')
  expect(out).toContain('  slipway override prod v1.0.0 --freeze --reason …\n')
  const json = JSON.parse((await slipway(['env', 'prod', '--json'], { open: open(), io })).out)
  expect(json).toMatchObject({
    status: 'frozen',
    waitingFor: expect.arrayContaining([expect.objectContaining({ kind: 'freeze', until: new Date(BEGIN + HOUR).toISOString() })]),
  })
})

test('override --freeze names what waits and its hash, as it was shown', async () => {
  const override = vi.fn(async () => ({ ok: true as const, text: 'v1.0.0 may begin' }))
  const { code, out } = await slipway([...ben, 'override', 'prod', '--freeze', '--reason', 'the shop is down'], {
    open: open({ override }),
    io,
  })
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`  hash ${HASH}\\n(.*\\n)?v1.0.0 may begin\\n`))
  expect(override).toHaveBeenCalledWith('prod', {
    request: 'v1.0.0',
    hash: HASH,
    by: { kind: 'person', name: 'ben', verified: false },
    reason: 'the shop is down',
    freeze: true,
  })
  expect(await slipway([...ben, 'override', 'prod', '--freeze', '--reason', 'x'], { open: opens({}) })).toMatchObject({
    code: 3,
    err: 'refused: nothing waits for the end of a freeze in prod\n',
  })
  // What is frozen lacks nothing.
  expect(await slipway([...ben, 'override', 'prod', '--reason', 'x'], { open: open() })).toMatchObject({
    code: 3,
    err: expect.stringContaining('nothing is held in prod'),
  })
})

test('confirm says a second word on an epoch', async () => {
  const confirm = vi.fn(async () => ({ ok: true as const, text: 'v0.9.0 (epoch 4) of prod is confirmed' }))
  expect(await slipway([...ben, 'confirm', 'prod', '4', '--reason', 'it had to be'], { open: open({ confirm }) })).toMatchObject({
    code: 0,
    out: 'v0.9.0 (epoch 4) of prod is confirmed\n',
  })
  expect(confirm).toHaveBeenCalledWith('prod', {
    epoch: 4,
    by: { kind: 'person', name: 'ben', verified: false },
    reason: 'it had to be',
  })
  const own = async () => refuse('anne broke the freeze for v0.9.0 (epoch 4): somebody else has to confirm it', [], 'rights')
  expect(await slipway(['--as', 'anne', 'confirm', 'prod', '4'], { open: open({ confirm: own }) })).toMatchObject({ code: 3 })
  expect(await slipway([...ben, 'confirm', 'prod', 'x'], { open: open() })).toMatchObject({ code: 2 })
})

test('what can be overridden and confirmed is completed', async () => {
  const complete = async (...words: string[]) => (await slipway(['complete', '--', ...words], { open: open() })).out.split('\n')
  expect(await complete('override', 'prod', '--freeze', '--reason', 'x', '')).toContain('v1.0.0')
  expect(await complete('confirm', 'prod', '')).toContain('4')
})
