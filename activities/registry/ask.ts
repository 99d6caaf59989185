import { refusal } from './answer.ts'
import { createAuthorizer, type Actions, type LoginSource } from './authorize.ts'
import { readBody, request, type RegistryRequest } from './request.ts'

export type Question = Pick<RegistryRequest, 'method' | 'body' | 'signal'> & {
  readonly url: URL
  /** Empty for the registry as a whole. */
  readonly repository: string
  readonly actions: Actions
  /** For messages: `… asked to <what>`. */
  readonly what: string
  readonly headers?: Record<string, string>
  readonly deadlineMs?: number
  readonly limitBytes?: number
  /** Statuses that are an answer; 404 is always one. */
  readonly expect: readonly number[]
}

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Buffer }

export type Ask = (question: Question) => Promise<Answer>

const DEADLINE_MS = 15_000
/** Enough for what a registry says about an error. */
const MOST_BYTES = 256 * 1024

/** Asks a registry, logs in when it wants that, and turns what is no answer into a failure. */
export function createAsk(registry: LoginSource & { readonly base: URL }): Ask {
  const { address, base } = registry
  const authorizer = createAuthorizer(registry)
  return async (question) => {
    const { url, repository, actions, signal } = question
    const from = { ...question, headers: question.headers ?? {}, deadlineMs: question.deadlineMs ?? DEADLINE_MS }
    // An upload goes on where the registry says; the login stays at home.
    const home = url.origin === base.origin
    let response = await request({ ...from, authorization: home ? authorizer.known(repository, actions) : null })
    if (response.status === 401 && home) {
      await readBody(response, url, MOST_BYTES, from)
      const authorization = await authorizer.learn(response.headers.get('www-authenticate'), repository, actions, signal)
      response = await request({ ...from, authorization })
    }
    const { status, headers } = response
    const body = await readBody(response, url, question.limitBytes ?? MOST_BYTES, from)
    if (status === 404 || question.expect.includes(status)) return { status, headers, body }
    const loggedIn = status === 401 && (await registry.login(signal)) !== null
    throw refusal(status, body.toString('utf8'), headers.get('retry-after'), { address, what: question.what, loggedIn })
  }
}
