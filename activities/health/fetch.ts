import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** What came of one question: an answer, or why there was none. `text` is at most the first 64 KB of the body. */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly elsewhere: string | null }
  | { readonly kind: 'none'; readonly why: string }

const BODY_LIMIT = 65_536
const ANSWER_MS = 5_000

/**
 * GETs the address, each time over a connection of its own, so that a container that is being replaced cannot keep
 * answering. Redirects are followed on the same host only, five at most; one to another place is in `elsewhere`.
 */
export async function fetchAnswer(url: URL, signal: AbortSignal): Promise<Answer> {
  let next = url
  for (let hop = 0; hop < 5; hop++) {
    const answer = await askOnce(next, signal)
    if (answer.kind === 'none' || answer.location === null) return finalAnswer(answer, null)
    const target = parseTarget(answer.location, next)
    if (!target || target.host !== url.host) return finalAnswer(answer, answer.location)
    next = target
  }
  return { kind: 'none', why: 'it redirects more than five times' }
}

type OneAnswer = { kind: 'answer'; status: number; text: string; location: string | null } | { kind: 'none'; why: string }

function finalAnswer(answer: OneAnswer, elsewhere: string | null): Answer {
  return answer.kind === 'none' ? answer : { kind: 'answer', status: answer.status, text: answer.text, elsewhere }
}

function parseTarget(location: string, base: URL): URL | null {
  const target = URL.canParse(location, base.href) ? new URL(location, base) : null
  return target && /^https?:$/.test(target.protocol) ? target : null
}

function askOnce(url: URL, signal: AbortSignal): Promise<OneAnswer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
  return new Promise((resolve) => {
    const none = (error: Error & { code?: string }) => resolve({ kind: 'none', why: whyNone(error, either) })
    const options = { agent: false, signal: either, headers: { 'user-agent': 'slipway', accept: '*/*' } } as const
    const request = send(url.href, options, (response) => {
      const { statusCode: status = 0, headers } = response
      const chunks: Buffer[] = []
      let size = 0
      const done = () => {
        const location = status >= 300 && status < 400 ? (headers.location ?? null) : null
        resolve({ kind: 'answer', status, text: Buffer.concat(chunks).toString('utf8', 0, BODY_LIMIT), location })
      }
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size < BODY_LIMIT) return
        done()
        response.destroy()
      })
      response.on('end', done)
      response.on('error', none)
    })
    request.on('error', none)
    request.end()
  })
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'nobody knows that name',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'no route to it',
}

function whyNone(error: Error & { code?: string }, either: AbortSignal): string {
  if (either.aborted) return `no answer within ${ANSWER_MS / 1000} s`
  return (error.code && WORDS[error.code]) ?? error.message
}
