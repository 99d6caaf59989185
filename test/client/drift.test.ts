import { expect, test } from 'vitest'
import type { Drift } from '../../domain/environment/drift.ts'
import type { DriftAnswer } from '../../workflows/messages.ts'
import { BEGIN, driftedProd, environmentOf, MINUTE } from './sample.ts'
import { opens, slipway } from './terminal.ts'

const FINDINGS: readonly Drift[] = [
  { object: 'deployment/website', field: '.spec.replicas', expected: '2', found: '5', by: 'kubectl (scale)', at: BEGIN },
  { object: 'configmap/a\u001b[2J', field: null, expected: 'there', found: 'missing', by: null, at: null },
]
const now = () => BEGIN + 4 * MINUTE

function answering(findings: readonly Drift[], left = 0) {
  const answer: DriftAnswer = {
    text: '',
    tag: 'v1.0.0',
    epoch: 6,
    at: BEGIN,
    findings,
    left,
    next: findings.length === 0 ? [] : ['slipway env prod'],
  }
  return opens({ inspect: async () => ({ ok: true, ...answer }) })
}

test('without drift it says so, and ends with 0', async () => {
  const { code, out } = await slipway(['drift', 'prod'], { open: answering([]), io: { now } })
  expect({ code, out }).toEqual({ code: 0, out: 'prod  v1.0.0, epoch 6: is what was applied\n' })
})

test('with drift it says what, by whom and when, and ends with 1', async () => {
  const { code, out } = await slipway(['drift', 'prod'], { open: answering(FINDINGS, 3), io: { now } })
  expect(code).toBe(1)
  expect(out).toBe(`prod  v1.0.0, epoch 6: 5 things differ from what was applied
  deployment/website .spec.replicas is 5 instead of 2, last changed by kubectl (scale) 4 min ago
  configmap/a is missing
  and 3 more

next
  slipway env prod
`)
})

test('as JSON it ends alike', async () => {
  const { code, out } = await slipway(['drift', 'prod', '--json'], { open: answering(FINDINGS, 3), io: { now } })
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    drifted: true,
    epoch: 6,
    left: 3,
    findings: [{ at: '2026-11-23T04:00:00.000Z' }, { field: null }],
  })
})

test('a script target has none to tell: refused, with 3', async () => {
  const reason = 'drift is not available for a script target: what prod holds is known to its script alone'
  const open = opens({ inspect: async () => ({ ok: false, kind: 'state', reason, next: [] }) })
  const { code, err } = await slipway(['drift', 'prod'], { open })
  expect({ code, err }).toEqual({ code: 3, err: `refused: ${reason}\n` })
})

test('an environment that is not known: not found, with 4', async () => {
  const { code, err } = await slipway(['drift', 'prdo'], { open: opens({}) })
  expect(code).toBe(4)
  expect(err).toContain('there are: integration, alpha, prod')
})

test('env shows what was seen, and status that something was', async () => {
  const view = driftedProd()
  const open = opens({
    environment: async (name) => (name === 'prod' ? view : environmentOf(name)),
  })
  const page = await slipway(['env', 'prod'], { open, io: { now } })
  expect(page.out).toContain('; drifted for 3 min')
  expect(page.out).toContain('drifted, as seen 3 min ago\n  deployment/website .spec.replicas is 5 instead of 2')
  expect(page.out).toContain(`slipway rollback prod --to ${view.state.current?.epoch} --reason …`)
  const all = await slipway(['env'], { open, io: { now } })
  expect(all.out).toMatch(/^ {2}prod +! .*; drifted for 3 min$/m)
})
