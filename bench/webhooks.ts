import { Agent } from 'node:http'
import type { Bench } from './measure/bench.ts'
import { onLab, type OnLab } from './on-lab.ts'
import type { BenchOptions } from './options.ts'
import { SECRET, startGateway } from './webhooks/gateway.ts'
import type { RateStep, WebhookFindings, WebhookResults } from './webhooks/results.ts'
import { sendAt } from './webhooks/sender.ts'

/** How many webhooks a second the gateway answers in time, verified, over loopback. */
export function measureWebhooks(wanted: OnLab<BenchOptions<'webhooks'>>): Promise<WebhookResults> {
  return onLab(wanted, measureAll)
}

const LIMIT_MS = 100
const FIRST = 100
const FACTOR = 1.5
/** 100 × 1.5¹¹: far more than one process answers, so that it ends by what is measured. */
const MOST_STEPS = 12
const STEP_SECONDS = 3
/** What is limited is each project by itself: so many that the limit is not what is measured, and no more, for each has its hints. */
const PROJECTS = 4

async function measureAll(bench: Bench): Promise<WebhookFindings> {
  const projects = Array.from({ length: PROJECTS }, (_, at) => `bench-${at}`)
  const gateway = await startGateway(bench, projects)
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const door = { url: gateway.url, projects, secret: SECRET, agent }
  try {
    bench.say('webhooks: warming up')
    await sendAt(door, FIRST, 2, bench.signal)
    const rounds: (readonly RateStep[])[] = []
    for (let round = 1; round <= bench.rounds; round++) {
      rounds.push(await climb((perSecond) => sendAt(door, perSecond, STEP_SECONDS, bench.signal)))
      bench.say(`webhooks ${round}/${bench.rounds}: ${sustainedOf(rounds.at(-1) ?? [])} a second`)
    }
    const { hints, webhooks } = await countsOf(gateway.metricsUrl)
    return { steps: middle(rounds), sustained: rounds.map(sustainedOf), limitMs: LIMIT_MS, hints, webhooks }
  } finally {
    agent.destroy()
    await gateway.stop()
  }
}

/** Ever more a second, until it is too many. */
async function climb(send: (perSecond: number) => Promise<RateStep>): Promise<readonly RateStep[]> {
  const steps: RateStep[] = []
  for (let step = 0, rate = FIRST; step < MOST_STEPS; step++, rate *= FACTOR) {
    const found = await send(Math.round(rate))
    steps.push(found)
    if (!isInTime(found)) break
  }
  return steps
}

function isInTime({ p99, refused }: RateStep): boolean {
  return p99 <= LIMIT_MS && refused === 0
}

function sustainedOf(steps: readonly RateStep[]): number {
  return steps.findLast(isInTime)?.perSecond ?? 0
}

/** The round whose result is the median one, whole: the steps of different rounds say nothing together. */
function middle(rounds: readonly (readonly RateStep[])[]): readonly RateStep[] {
  const sorted = rounds.toSorted((a, b) => sustainedOf(a) - sustainedOf(b))
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? []
}

async function countsOf(url: string): Promise<{ hints: number; webhooks: number }> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))].reduce((all, [, count]) => all + Number(count), 0)
  return { hints: sum('slipway_hints_total'), webhooks: sum('slipway_webhooks_total') }
}
