import type { Client } from '@temporalio/client'
import { kept } from '../kept.ts'
import { createEnded, type Ended } from './ended.ts'
import type { Meters } from './meters.ts'
import { readPicture, type Picture } from './picture.ts'

/** However many scrape: Temporal and the workers are asked once in so long. */
const KEPT_MS = 10_000
const ASKED_MS = 5_000

/** Gives the text of `/metrics`; without Temporal what is known without it. */
export function createScrape(meters: Meters, client: Client, now: () => number): () => Promise<string> {
  const ended = createEnded(client, now)
  const look = kept(
    () =>
      client.connection.withDeadline(now() + ASKED_MS, async () => {
        const [picture, news] = await Promise.all([readPicture(client), ended()])
        show(meters, picture, now())
        for (const each of news) count(meters, each)
      }),
    KEPT_MS,
    now,
  )
  return async () => {
    await look().then(
      () => meters.up.set(1),
      () => {
        meters.up.set(0)
        forget(meters)
      },
    )
    return meters.registry.metrics()
  }
}

function show(meters: Meters, { sprints, waits, unanswered }: Picture, now: number): void {
  forget(meters)
  for (const labels of sprints) meters.sprints.inc(labels)
  const oldest = new Map<string, { readonly labels: Record<'project' | 'of' | 'name' | 'reason', string>; readonly since: number }>()
  for (const { project, of, name, kind: reason, since } of waits) {
    const labels = { project, of, name, reason }
    meters.waits.inc(labels)
    const key = JSON.stringify(labels)
    if (since < (oldest.get(key)?.since ?? Number.POSITIVE_INFINITY)) oldest.set(key, { labels, since })
  }
  for (const { labels, since } of oldest.values()) meters.oldestWait.set(labels, Math.max(0, (now - since) / 1000))
  meters.unanswered.set(unanswered)
}

/** What was seen before says nothing of now. */
function forget(meters: Meters): void {
  for (const each of [meters.sprints, meters.waits, meters.oldestWait, meters.unanswered]) each.reset()
}

function count(meters: Meters, { what, project, environment, outcome, seconds }: Ended): void {
  if (what === 'build') meters.builds.observe({ project, outcome }, seconds)
  else meters.deployments.observe({ project, environment, outcome }, seconds)
}
