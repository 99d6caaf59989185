import type { z } from 'zod'
import { permanent, transient } from '../failure.ts'
import { refusal, type Address } from './refusal.ts'

export type ForgeQuestion = {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** Below the API's base, each part already encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  /** For messages: `… asked to <what>`. */
  readonly what: string
  /** Statuses other than 2xx that are an answer; their body is not read as JSON. */
  readonly expect?: readonly number[]
  readonly signal: AbortSignal
}

export type ForgeAnswer = { readonly status: number; readonly json: unknown }

export type AskForge = (question: ForgeQuestion) => Promise<ForgeAnswer>

type Door = Address & {
  /** Ends without "/". */
  readonly base: string
  /** The header that carries the token. */
  readonly login: Readonly<Record<string, string>>
}

const DEADLINE_MS = 10_000
const MOST_BYTES = 1024 * 1024

/** Asks a forge's REST API. No redirect is followed: the token is for the address in the estate alone. */
export function createAskForge(door: Door): AskForge {
  return async (question) => {
    const signal = AbortSignal.any([question.signal, AbortSignal.timeout(DEADLINE_MS)])
    const { response, bytes } = await exchange(door, question, signal)
    const { status, headers } = response
    if (status >= 300 && status < 400) throw moved(door, question, headers.get('location'))
    if (question.expect?.includes(status)) return { status, json: null }
    const text = bytes === null ? null : new TextDecoder().decode(bytes)
    if (!response.ok) throw refusal(status, text ?? '', headers.get('retry-after'), { ...door, what: question.what })
    if (text === null) throw transient(`${door.name} answered with more than 1 MB, asked to ${question.what}; nothing of it was used.`)
    return { status, json: parsed(text, door, question) }
  }
}

/** What an answer has to look like; anything else is no answer of this kind of forge, or of one that is being repaired. */
export function shaped<T>(schema: z.ZodType<T>, json: unknown, name: string, what: string): T {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const where = result.error.issues[0]?.path.join('.') || 'the whole'
  throw transient(`${name} answered with what is not expected of it (${where.slice(0, 60)}), asked to ${what}. Check forge in estate.yaml.`)
}

type Exchange = { response: Response; bytes: Uint8Array | null }

/** `bytes` is null when there were too many. */
async function exchange(door: Door, question: ForgeQuestion, signal: AbortSignal): Promise<Exchange> {
  const url = new URL(`${door.base}/${question.path}`)
  for (const [name, value] of Object.entries(question.query ?? {})) url.searchParams.set(name, value)
  const body = question.body === undefined ? {} : { body: JSON.stringify(question.body) }
  const type = question.body === undefined ? {} : { 'content-type': 'application/json' }
  const headers = { accept: 'application/json', ...type, ...door.login }
  try {
    const response = await fetch(url, { method: question.method, headers, redirect: 'manual', signal, ...body })
    return { response, bytes: await atMost(MOST_BYTES, response) }
  } catch (error) {
    if (question.signal.aborted) throw question.signal.reason
    throw noAnswer(error, door, question)
  }
}

async function atMost(limit: number, response: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    // Leaving the loop ends the transfer.
    if (bytes > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(text: string, door: Door, question: ForgeQuestion): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw transient(
      `${door.name} answered with something that is not JSON, asked to ${question.what}. Check the url of forge in estate.yaml, and what stands before the server.`,
    )
  }
}

function moved(door: Door, { what }: ForgeQuestion, location: string | null) {
  const to = location !== null && URL.canParse(location, door.base) ? new URL(location, door.base).origin : 'somewhere'
  return permanent(
    'InvalidConfiguration',
    `${door.name} redirects to ${to}, asked to ${what}, and a token follows no redirect. Set the url and the repository or project of forge in estate.yaml to where it is now.`,
  )
}

function noAnswer(error: unknown, door: Door, { what }: ForgeQuestion) {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return transient(`${door.name} gave no whole answer within ${DEADLINE_MS / 1000} s, asked to ${what}.`)
  }
  return transient(`${door.name} is not reachable: ${codeOf(error) || 'unknown'}.`)
}

function codeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code
  }
  return ''
}
