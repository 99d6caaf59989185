import { expect, test } from 'vitest'
import { Agent } from 'node:http'
import { webhookTablesOf } from '../../bench/report/webhook-tables.ts'
import { sendAt } from '../../bench/webhooks/sender.ts'
import { openStand } from '../gateway/stand.ts'
import { SECRETS } from '../gateway/signed.ts'

test('what is sent is taken, at the rate that was asked for', async () => {
  const stand = await openStand({ gateway: '{ hintsPerMinute: 100000 }' })
  const agent = new Agent({ keepAlive: true })
  try {
    const door = { url: stand.url, projects: ['website'], secret: SECRETS.github, agent }
    const started = performance.now()
    const step = await sendAt(door, 50, 1, new AbortController().signal)
    expect(performance.now() - started).toBeGreaterThan(900)
    expect(step).toMatchObject({ perSecond: 50, refused: 0 })
    expect(step.p50).toBeLessThanOrEqual(step.p99)
    const forged = await sendAt({ ...door, secret: 'another-secret-of-somebody' }, 20, 0.5, new AbortController().signal)
    expect(forged.refused).toBe(10)
  } finally {
    agent.destroy()
    await stand.close()
  }
})

test('the table says the most that was in time, and what was too many', () => {
  const step = (perSecond: number, p99: number) => ({ perSecond, p50: 2, p99, max: p99 + 1, refused: 0 })
  const text = webhookTablesOf({
    machine: { processor: 'A', cores: 2, memoryGiB: 24, kernel: '6.1', versions: { Node: '24.0.0' } },
    begun: '2026-11-26T03:00:00.000Z',
    seconds: 60,
    load: { before: 0, after: 1 },
    rounds: 3,
    steps: [step(100, 5), step(150, 130)],
    sustained: [100, 150, 100],
    limitMs: 100,
    hints: 40,
    webhooks: 750,
  })
  expect(text).toContain('**100 a second** (100 to 150 in 3 rounds). Of 750 webhooks Temporal was told 40 times.')
  expect(text).toMatch(/\| 150 +\| +2 \| +130 \| +131 \| +0 \|/)
})
