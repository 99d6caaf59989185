import type { MergeRequests } from '@gitbeaker/rest'
import type { AskForge } from './ask.ts'

type RequesterFn = NonNullable<ConstructorParameters<typeof MergeRequests>[0]['requesterFn']>

/** What the resources of @gitbeaker/rest ask by. */
type Options = { readonly searchParams?: Record<string, unknown>; readonly body?: unknown }
type Answer = { body: unknown; headers: Record<string, string>; status: number }

/**
 * The requester of @gitbeaker/rest is not used: it follows redirects with the token, reads bodies of any size, and asks ten
 * times within a quarter of a second when GitLab wants to be left alone. Only `get` and `post` are needed; a page is enough.
 */
export function createRequester(ask: AskForge, what: string, signal: AbortSignal): RequesterFn {
  const go = async (method: 'GET' | 'POST', path: string, { searchParams, body }: Options = {}): Promise<Answer> => {
    const query = Object.entries(snakeCase(searchParams ?? {})).map(([name, value]) => [name, String(value)] as const)
    const sent = body === undefined ? {} : { body: snakeCase(body as Record<string, unknown>) }
    const { status, json } = await ask({ method, path, query: Object.fromEntries(query), what, signal, ...sent })
    return { body: json, headers: {}, status }
  }
  const never = () => Promise.reject(new Error('Slipway changes nothing at GitLab but merge requests'))
  const requester = {
    get: (path: string, options?: Options) => go('GET', path, options),
    post: (path: string, options?: Options) => go('POST', path, options),
    put: never,
    patch: never,
    delete: never,
  }
  // The library's types promise what GitLab documents; what really comes is looked at by who asked.
  return () => requester as ReturnType<RequesterFn>
}

function snakeCase(record: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]))
}
