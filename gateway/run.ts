import { setTimeout as sleep } from 'node:timers/promises'
import type { EstateFile } from '../config/estate-schema.ts'
import type { SecretSources } from '../config/secrets.ts'
import { addHealth } from './health.ts'
import { createHinter } from './hinter.ts'
import { addHooks, type HookAnswer } from './hooks.ts'
import type { Log } from './log.ts'
import { createHookSecrets } from './secrets.ts'
import { SENDER_NAMES, senderOf } from './senders/all.ts'
import type { SenderName } from './senders/sender.ts'
import { createMeters, type Meters } from './metrics/meters.ts'
import { createScrape } from './metrics/scrape.ts'
import type { Temporal } from './temporal.ts'
import { createServer, type Limits, type Tls } from './server.ts'
import { seldom } from './seldom.ts'

export type GatewayOptions = {
  readonly estate: EstateFile
  readonly sources: SecretSources
  readonly tls: Tls | null
  readonly listen: { readonly address: string; readonly port: number }
  /** Where /metrics is served; null: nowhere. */
  readonly metrics: { readonly address: string; readonly port: number } | null
  readonly temporal: Pick<Temporal, 'hint' | 'answers' | 'client'>
  readonly log: Log
  readonly limits?: Partial<Limits>
  readonly now?: () => number
  /** From one hint of a project to the next. */
  readonly pauseMs?: number
}

export type Gateway = {
  /** Where it listens: `http://127.0.0.1:8787`. */
  readonly url: string
  readonly metricsUrl: string | null
  /** Resolves when no hint is on its way. */
  readonly idle: () => Promise<void>
  /** Takes nothing new, and ends when what it promised to say has been said. */
  readonly close: () => Promise<void>
}

const LAST_HINTS_MS = 1_000

/** Puts the gateway together: what comes in, what it is checked by, whom it tells. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { estate, log, now = Date.now, temporal } = options
  const settings = estate.gateway
  const secrets = createHookSecrets(options.sources, now)
  const rarely = seldom(now)
  const meters = createMeters()
  const hinter = createHinter({
    send: temporal.hint,
    ...(options.pauseMs === undefined ? {} : { pauseMs: options.pauseMs }),
    onEnd: (project, error) => {
      meters.hints.inc({ project, arrived: error === null ? 'yes' : 'no' })
      if (error === null) log.debug({ project }, 'hinted')
      else rarely(`hint ${project}`, () => log.warn({ project, reason: reasonOf(error) }, 'the hint did not arrive; the timer will look'))
    },
  })
  const onAnswer = (project: string, sender: SenderName, answer: HookAnswer, problem?: string) => {
    meters.webhooks.inc({ project, sender, answer })
    if (answer === 'hinted' || answer === 'nothing') return log.debug({ project, sender, answer }, 'webhook')
    rarely(`${project} ${sender} ${answer}`, () => log.warn({ project, sender, answer, ...(problem ? { problem } : {}) }, 'webhook'))
  }
  const server = createServer({
    log,
    tls: options.tls,
    limits: { bodyLimitBytes: settings?.bodyLimitBytes ?? 1024 * 1024, ...options.limits },
  })
  addHealth(server, temporal.answers, now)
  await addHooks(server, {
    projects: estate.projects,
    secrets,
    hint: hinter.hint,
    hintsPerMinute: settings?.hintsPerMinute ?? 600,
    replaySeconds: settings?.replaySeconds ?? 300,
    now,
    onAnswer,
  })
  await sayWhatIsMissing(options, secrets)
  const url = await server.listen({ host: options.listen.address, port: options.listen.port })
  const inside = await serveMetrics(options, meters)
  return {
    url,
    metricsUrl: inside?.url ?? null,
    idle: hinter.idle,
    close: async () => {
      await Promise.all([server.close(), inside?.close()])
      hinter.hurry()
      // What has not arrived by then the timer of the repository makes up for.
      await Promise.race([hinter.idle(), sleep(LAST_HINTS_MS, undefined, { ref: false })])
    },
  }
}

/** Apart from the webhooks: what goes on in a house is not for everybody who can send one. */
async function serveMetrics({ metrics, temporal, log, now = Date.now }: GatewayOptions, meters: Meters) {
  if (metrics === null) return null
  const server = createServer({ log, tls: null })
  const scrape = createScrape(meters, temporal.client, now)
  addHealth(server, temporal.answers, now)
  server.get('/metrics', async (_request, reply) => reply.type(meters.registry.contentType).send(await scrape()))
  return { url: await server.listen({ host: metrics.address, port: metrics.port }), close: () => server.close() }
}

/** A secret that is not in place is said at the start, and not when the first webhook comes. */
async function sayWhatIsMissing({ estate, log }: GatewayOptions, secrets: ReturnType<typeof createHookSecrets>): Promise<void> {
  for (const [project, { webhooks }] of Object.entries(estate.projects)) {
    for (const name of SENDER_NAMES) {
      const sender = senderOf(name)
      if (webhooks === undefined || sender === null || sender.secretOf(webhooks) === null) continue
      const secret = await secrets(project, sender, webhooks)
      if (!secret.ok) log.warn({ project, sender: name, problem: secret.problem }, 'its webhooks count for nothing until this is mended')
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
