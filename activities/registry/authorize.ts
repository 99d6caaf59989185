import { permanent } from '../failure.ts'
import { refusal } from './answer.ts'
import { parseChallenge, type Challenge } from './challenge.ts'
import type { Login } from './docker-config.ts'
import { readBody, request } from './request.ts'

export type Actions = 'pull' | 'pull,push' | 'pull,delete'

export type Authorizer = {
  /** What is known to open this repository; null when nothing is needed or known yet. */
  readonly known: (repository: string, actions: Actions) => string | null
  /** What opens it after the registry answered 401. @throws permanent `Refused`, or transient when the token server is away */
  readonly learn: (challenge: string | null, repository: string, actions: Actions, signal: AbortSignal) => Promise<string>
}

type Bearer = Challenge & { readonly scheme: 'bearer' }

/** A registry, and where its login comes from. */
export type LoginSource = {
  readonly address: string
  readonly plainHttp: boolean
  readonly login: (signal: AbortSignal) => Promise<Login | null>
  readonly now: () => number
}

const TOKEN_DEADLINE_MS = 10_000
/** The distribution specification's own default. */
const TOKEN_SECONDS = 60

/** Logs in when a registry asks for it and remembers how, in memory and for as long as a token says. */
export function createAuthorizer(options: LoginSource): Authorizer {
  const tokens = new Map<string, { header: string; until: number }>()
  let basic: string | null = null
  return {
    known: (repository, actions) => {
      const token = tokens.get(`${repository} ${actions}`)
      return token && token.until > options.now() ? token.header : basic
    },
    learn: async (header, repository, actions, signal) => {
      const what = repository === '' ? 'log in' : `log in for ${repository}`
      const challenge = parseChallenge(header)
      if (!challenge)
        throw permanent('Refused', `the registry ${options.address} wants a login and does not say how; Basic and Bearer are understood.`)
      const login = await options.login(signal)
      if (challenge.scheme === 'basic') {
        if (!login) throw refusal(401, '', null, { address: options.address, what, loggedIn: false })
        if (login.kind === 'identity') {
          throw permanent(
            'Refused',
            `the registry ${options.address} wants a user name and password, and the credential helper gave a token.`,
          )
        }
        basic = basicHeader(login)
        return basic
      }
      // The registry as a whole (its /v2/) has no scope.
      const scope = challenge.scope ?? (repository === '' ? null : `repository:${repository}:${actions}`)
      const token = await fetchToken({ ...challenge, scope }, login, options, signal)
      tokens.set(`${repository} ${actions}`, token)
      return token.header
    },
  }
}

async function fetchToken(challenge: Bearer, login: Login | null, options: LoginSource, signal: AbortSignal) {
  const url = tokenUrl(challenge, login, options)
  const { headers, body, authorization } = tokenRequest(challenge, login)
  const asked = { url, signal, deadlineMs: TOKEN_DEADLINE_MS }
  const response = await request({
    ...asked,
    method: body === null ? 'GET' : 'POST',
    headers,
    authorization,
    ...(body === null ? {} : { body }),
  })
  const text = (await readBody(response, url, 256 * 1024, asked)).toString('utf8')
  if (!response.ok) {
    const about = {
      address: url.host === options.address ? options.address : `${options.address} (login at ${url.host})`,
      what: `log in for ${challenge.scope ?? 'any use'}`,
    }
    // A token server that says 400 or 404 to a login does not take it either.
    const status = response.status < 500 && response.status !== 429 && response.status !== 403 ? 401 : response.status
    throw refusal(status, text, response.headers.get('retry-after'), { ...about, loggedIn: login !== null })
  }
  const { token, seconds } = parseToken(text, options.address)
  // Taken as ended a little early: it still has to travel.
  return { header: `Bearer ${token}`, until: options.now() + Math.max(5, seconds - 10) * 1000 }
}

function tokenUrl(challenge: Bearer, login: Login | null, options: LoginSource): URL {
  const url = URL.canParse(challenge.realm) ? new URL(challenge.realm) : null
  const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && options.plainHttp)
  if (!url || !allowed) {
    throw permanent(
      'Refused',
      `the registry ${options.address} asks to log in at ${url ? url.origin : 'what is no URL'}; expected an https:// address. No password was sent.`,
    )
  }
  if (login?.kind === 'identity') return url
  if (challenge.service !== null) url.searchParams.set('service', challenge.service)
  if (challenge.scope !== null) url.searchParams.set('scope', challenge.scope)
  return url
}

function tokenRequest(challenge: Bearer, login: Login | null) {
  if (login?.kind !== 'identity') return { headers: {}, body: null, authorization: login ? basicHeader(login) : null }
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'slipway', refresh_token: login.token })
  if (challenge.scope !== null) form.set('scope', challenge.scope)
  if (challenge.service !== null) form.set('service', challenge.service)
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString(), authorization: null }
}

function parseToken(text: string, address: string): { token: string; seconds: number } {
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown } = {}
  try {
    answer = JSON.parse(text) as typeof answer
  } catch {
    // Falls through to the sentence below.
  }
  const token = answer.token ?? answer.access_token
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw permanent('Refused', `the token server of the registry ${address} answered without a token.`)
  return { token, seconds: typeof answer.expires_in === 'number' ? answer.expires_in : TOKEN_SECONDS }
}

function basicHeader(login: Login & { kind: 'password' }): string {
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
}
