import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { Log } from './log.ts'

export type Limits = {
  readonly bodyLimitBytes: number
  /** A request that is not there as a whole after this is ended with 408. */
  readonly requestMs: number
}

export type Tls = { readonly cert: string | Buffer; readonly key: string | Buffer }

const REQUEST_MS = 10_000
const IDLE_MS = 5_000
const MOST_CONNECTIONS = 1_000

/**
 * A server that takes JSON and nothing else, believes no forwarded address, keeps no session, and says nothing of itself.
 * What is wrong is one sentence as JSON; what was not expected goes to the log alone.
 */
export function createServer(options: { readonly log: Log; readonly tls: Tls | null; readonly limits?: Partial<Limits> }): FastifyInstance {
  const { bodyLimitBytes = 1024 * 1024, requestMs = REQUEST_MS } = options.limits ?? {}
  const common = {
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestMs,
    // Later than the above, so that there is an answer before the end.
    connectionTimeout: 2 * requestMs,
    keepAliveTimeout: IDLE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    trustProxy: false,
    routerOptions: { maxParamLength: 64 },
  } as const
  const http = { headersTimeout: Math.min(requestMs, IDLE_MS), connectionsCheckingInterval: Math.min(1000, requestMs / 4) }
  const server = (
    options.tls === null
      ? Fastify({ ...common, http })
      : Fastify({ ...common, https: { ...http, ...options.tls, minVersion: 'TLSv1.2' as const } })
  ) as FastifyInstance
  server.server.maxConnections = MOST_CONNECTIONS
  server.removeAllContentTypeParsers()
  // The raw bytes: what was signed is what was sent, not what it parses to.
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'nothing is served here' }))
  server.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500
    if (status === 500) options.log.error({ reason: error.message }, 'a request was not expected to fail')
    return reply.code(status).send({ error: SENTENCES[status] ?? (status === 500 ? 'it failed here' : 'it cannot be taken like this') })
  })
  return server
}

const SENTENCES: Readonly<Record<number, string>> = {
  413: 'the body is larger than what is taken',
  415: 'only application/json is taken; set the content type of the webhook to it',
}
