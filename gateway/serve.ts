import type { EstateFile } from '../config/estate-schema.ts'
import type { Log } from './log.ts'
import { startGateway } from './run.ts'
import { connectLazily } from './temporal.ts'

export type ServeOptions = {
  readonly estate: EstateFile
  /** Where to listen in place of what the estate says. */
  readonly listen: { readonly address: string; readonly port: number } | null
  readonly metrics: { readonly address: string; readonly port: number } | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => Promise<string>
  readonly log: Log
  /** Aborted: take nothing new, and end. */
  readonly signal: AbortSignal
}

/** The composition root: estate and Temporal → gateway, until it is told to end. */
export async function serve({ estate, environment, readFile, log, signal, ...options }: ServeOptions): Promise<void> {
  const { listen = { address: '127.0.0.1', port: 8787 }, metrics = null, tls } = estate.gateway ?? {}
  const temporal = await connectLazily({ env: environment, readFile })
  const gateway = await startGateway({
    estate,
    sources: { env: environment, readFile },
    tls: tls === undefined ? null : { cert: await readFile(tls.certificateFile), key: await readFile(tls.keyFile) },
    listen: options.listen ?? listen,
    metrics: options.metrics ?? metrics,
    temporal,
    log,
  })
  log.info({ webhooks: gateway.url, metrics: gateway.metricsUrl, temporal: temporal.address }, 'gateway is ready')
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await gateway.close()
  log.info('gateway has ended')
}
