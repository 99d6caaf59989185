import { transient } from '../failure.ts'

export type RegistryRequest = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly authorization: string | null
  readonly body?: Buffer | string
  readonly deadlineMs: number
  /** The attempt's own signal. */
  readonly signal: AbortSignal
}

const MOST_REDIRECTS = 5

/**
 * One request with a deadline, redirects followed. The authorization goes to the origin that was asked and to no other:
 * registries hand their blobs over to object stores.
 *
 * @throws transient when there is no answer; the signal's reason when it was aborted
 */
export async function request(from: RegistryRequest): Promise<Response> {
  const signal = AbortSignal.any([from.signal, AbortSignal.timeout(from.deadlineMs)])
  let url = from.url
  for (let redirects = 0; ; redirects++) {
    const response = await once(from, url, signal)
    const location = response.headers.get('location')
    const moved = [301, 302, 303, 307, 308].includes(response.status) && location !== null
    if (!moved || (from.method !== 'GET' && from.method !== 'HEAD')) return response
    await response.arrayBuffer()
    url = nextUrl(url, location, redirects)
  }
}

async function once(from: RegistryRequest, url: URL, signal: AbortSignal): Promise<Response> {
  const mayHaveIt = from.authorization !== null && url.origin === from.url.origin
  const init: RequestInit = {
    method: from.method,
    headers: { ...from.headers, ...(mayHaveIt ? { authorization: from.authorization } : {}) },
    redirect: 'manual',
    signal,
    ...(from.body === undefined ? {} : { body: from.body }),
  }
  try {
    return await fetch(url, init)
  } catch (error) {
    // A kept-alive connection that the registry closed meanwhile: what only reads is asked once more.
    const reads = from.method === 'GET' || from.method === 'HEAD'
    if (!signal.aborted && reads && ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error))) {
      return await fetch(url, init).catch((again: unknown) => {
        throw noAnswer(again, url, from)
      })
    }
    throw noAnswer(error, url, from)
  }
}

/** The failure for a request or a body that did not come through. */
export function noAnswer(error: unknown, url: URL, from: Pick<RegistryRequest, 'signal' | 'deadlineMs'>): unknown {
  if (from.signal.aborted) return from.signal.reason
  const cause = error instanceof Error ? error : undefined
  if (cause?.name === 'TimeoutError') return transient(`the registry at ${url.host} gave no answer within ${from.deadlineMs / 1000} s`)
  const code = codeOf(error)
  const hint =
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO'
      ? '; it seems to talk plain HTTP: set registry.plainHttp in estate.yaml'
      : ''
  const about = TLS_CODES.test(code) ? 'has a certificate that is not trusted' : 'is not reachable'
  return transient(`the registry at ${url.host} ${about}: ${code || (cause?.message ?? 'unknown')}${hint}`)
}

const TLS_CODES = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/

function codeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code
  }
  return ''
}

function nextUrl(url: URL, location: string, redirects: number): URL {
  if (redirects >= MOST_REDIRECTS) throw transient(`the registry at ${url.host} redirects more than ${MOST_REDIRECTS} times`)
  if (!URL.canParse(location, url.href)) throw transient(`the registry at ${url.host} redirects to what is no URL`)
  const next = new URL(location, url)
  const worse = next.protocol !== 'https:' && next.protocol !== url.protocol
  if (worse) throw transient(`the registry at ${url.host} redirects from ${url.protocol}// to ${next.protocol}//, which is not followed`)
  return next
}

/** The body, at most `limitBytes` of it. */
export async function readBody(
  response: Response,
  url: URL,
  limitBytes: number,
  from: Pick<RegistryRequest, 'signal' | 'deadlineMs'>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > limitBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw noAnswer(error, url, from)
  }
  if (bytes > limitBytes) throw transient(`the registry at ${url.host} answered with more than ${limitBytes} bytes where less was expected`)
  return Buffer.concat(chunks)
}
