import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Meters = ReturnType<typeof createMeters>

/** From a build that reuses everything to one of an hour. */
const BUCKETS = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600]

/** What can be scraped, in a registry of its own: nothing is shared between two gateways of one process. */
export function createMeters() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    webhooks: new Counter({
      name: 'slipway_webhooks_total',
      help: 'Deliveries to the doors that the estate names, by what was answered',
      labelNames: ['project', 'sender', 'answer'],
      registers,
    }),
    hints: new Counter({
      name: 'slipway_hints_total',
      help: 'Hints to the workflows, by whether they arrived; many webhooks at once are one hint',
      labelNames: ['project', 'arrived'],
      registers,
    }),
    up: new Gauge({ name: 'slipway_temporal_up', help: '1 while Temporal answers', registers }),
    unanswered: new Gauge({
      name: 'slipway_unanswered_workflows',
      help: 'Workflows that did not answer what they wait for, as without a worker; their waits are missing below',
      registers,
    }),
    sprints: new Gauge({ name: 'slipway_sprints', help: 'Open sprints by phase', labelNames: ['project', 'phase'], registers }),
    waits: new Gauge({
      name: 'slipway_waits',
      help: 'What is waited for, by reason; what an environment waits for its sprint waits for, too',
      labelNames: ['project', 'of', 'name', 'reason'],
      registers,
    }),
    oldestWait: new Gauge({
      name: 'slipway_oldest_wait_seconds',
      help: 'How long the oldest wait of this reason has lasted',
      labelNames: ['project', 'of', 'name', 'reason'],
      registers,
    }),
    builds: new Histogram({
      name: 'slipway_build_duration_seconds',
      help: 'Builds that ended since the gateway started',
      labelNames: ['project', 'outcome'],
      buckets: BUCKETS,
      registers,
    }),
    deployments: new Histogram({
      name: 'slipway_deployment_duration_seconds',
      help: 'Deployments that ended since the gateway started',
      labelNames: ['project', 'environment', 'outcome'],
      buckets: BUCKETS,
      registers,
    }),
  }
}
