import { createHmac } from 'node:crypto'
import { request, type Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../statistics.ts'
import type { RateStep } from './results.ts'

type Door = { readonly url: string; readonly projects: readonly string[]; readonly secret: string; readonly agent: Agent }

/** As large as what a forge sends of a push of a few commits. */
const BODY = JSON.stringify({
  ref: 'refs/heads/develop',
  commits: Array.from({ length: 20 }, (_, at) => ({ id: String(at), message: 'x'.repeat(250) })),
})

/**
 * Sends as many a second as are asked for, whether or not those before were answered, as many forges would: the time of one
 * counts from when it was due. Every one is signed, for one project after another.
 */
export async function sendAt(door: Door, perSecond: number, seconds: number, signal: AbortSignal): Promise<RateStep> {
  const signature = `sha256=${createHmac('sha256', door.secret).update(BODY).digest('hex')}`
  const total = Math.round(perSecond * seconds)
  const took: number[] = []
  let refused = 0
  const began = performance.now()
  const answered: Promise<void>[] = []
  for (let sent = 0; sent < total;) {
    signal.throwIfAborted()
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * perSecond) + 1)
    for (; sent < due; sent++) {
      const dueAt = began + (sent / perSecond) * 1000
      const project = door.projects[sent % door.projects.length] ?? ''
      answered.push(
        send(door, project, signature).then((status) => {
          took.push(performance.now() - dueAt)
          if (status !== 202) refused++
        }),
      )
    }
    await sleep(1)
  }
  await Promise.all(answered)
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(quantile(sorted, share) * 10) / 10
  return { perSecond, p50: at(0.5), p99: at(0.99), max: at(1), refused }
}

const PATIENCE_MS = 5000

/** @returns 0 where there was no answer */
function send({ url, agent }: Door, project: string, signature: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': signature }
  return new Promise((resolve) => {
    const options = { method: 'POST', agent, headers, timeout: PATIENCE_MS } as const
    const sent = request(`${url}/hooks/${project}/github`, options, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(0))
    sent.end(BODY)
  })
}
