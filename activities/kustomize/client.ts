import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { permanent, transient } from '../failure.ts'

type KubernetesRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Such as `/api/v1/namespaces/website-alpha`; its parts already encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: string
  readonly contentType?: string
  readonly deadlineMs?: number
}

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

/** One cluster's API. `ask` gives every answer, refusals too; it throws only when there was none. */
export type Kubernetes = {
  readonly server: string
  readonly ask: (request: KubernetesRequest) => Promise<Answer>
}

type Login = Pick<RequestOptions, 'agent' | 'headers' | 'auth'>

/** What a request needs of the connection. The login is asked for each time, for credentials expire. */
export type Connection = { readonly server: URL; readonly login: () => Promise<Login> }

const DEADLINE_MS = 15_000
const ANSWER_LIMIT_BYTES = 32 * 1024 * 1024

/** Every request ends when `signal` does, or at its deadline. */
export function createKubernetes(connection: Connection, signal: AbortSignal): Kubernetes {
  const server = connection.server.origin
  const ask = async (request: KubernetesRequest): Promise<Answer> => {
    signal.throwIfAborted()
    for (let attempt = 1; ; attempt++) {
      const login = await connection.login()
      const deadline = AbortSignal.timeout(request.deadlineMs ?? DEADLINE_MS)
      try {
        return await send(connection.server, login, request, AbortSignal.any([signal, deadline]))
      } catch (error) {
        signal.throwIfAborted()
        // The server closed a kept connection at the moment it was used again. All our requests may be sent twice.
        if (error instanceof LostConnection && attempt === 1) continue
        throw noAnswer(server, error, deadline.aborted)
      }
    }
  }
  return { server, ask }
}

class LostConnection extends Error {}

async function send(server: URL, login: Login, request: KubernetesRequest, signal: AbortSignal): Promise<Answer> {
  const headers = {
    accept: 'application/json',
    'user-agent': 'slipway',
    ...(login.headers as OutgoingHttpHeaders | undefined),
    ...(request.body === undefined
      ? {}
      : { 'content-type': request.contentType ?? 'application/json', 'content-length': String(Buffer.byteLength(request.body)) }),
  }
  const url = new URL(server.pathname.replace(/\/$/, '') + request.path, server)
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value)
  const open = url.protocol === 'http:' ? httpRequest : httpsRequest
  return await new Promise((resolve, reject) => {
    const sent = open(url, { ...login, method: request.method, headers, signal }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > ANSWER_LIMIT_BYTES) sent.destroy(new Error(`its answer to ${request.path} is over ${ANSWER_LIMIT_BYTES >> 20} MB`))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const lost = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(lost ? new LostConnection(error.message, { cause: error }) : error)
    })
    sent.end(request.body)
  })
}

const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_ALTNAME_INVALID|ERR_OSSL|HOSTNAME_MISMATCH)/

function noAnswer(server: string, error: unknown, late: boolean): Error {
  if (!(error instanceof Error)) return error as Error
  const { code } = error as NodeJS.ErrnoException
  if (code && UNTRUSTED.test(code)) {
    return permanent(
      'Refused',
      `The certificate of the cluster at ${server} is not trusted (${error.message}): check certificate-authority and server in the kubeconfig.`,
      undefined,
      error,
    )
  }
  const words = late ? 'no answer in time' : error instanceof AggregateError ? (error.errors[0] as Error).message : error.message
  return transient(`The cluster at ${server} does not answer (${words}).`, error)
}
