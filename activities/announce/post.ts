import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { permanent, transient } from '../failure.ts'
import type { Message } from './message.ts'
import { isPublicAddress } from './public-address.ts'

export type PostOptions = {
  /** The notification's name, for messages: its address may be a secret. */
  readonly name: string
  readonly privateHosts: readonly string[]
  readonly signal: AbortSignal
  readonly answerMs?: number
  /** Every address of a name. */
  readonly look?: (host: string) => Promise<readonly Address[]>
}

const ANSWER_MS = 10_000

/**
 * POSTs a message. The name is resolved once, every address of it is judged, and the connection goes to the address that was
 * judged: a name that changes its mind in between gains nothing. No redirect is followed, and no proxy is asked.
 *
 * @throws permanent `Refused` for an address that is not public, and for what the receiver will not take at any time
 */
export async function post(message: Message, options: PostOptions): Promise<void> {
  const { name } = options
  const host = message.url.hostname.replace(/^\[|\]$/g, '')
  const isNamed = options.privateHosts.includes(host)
  if (message.url.protocol !== 'https:' && !isNamed)
    throw permanent('InvalidConfiguration', `The notification ${name} goes without TLS. Use https, or name its host in privateHosts.`)
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.answerMs ?? ANSWER_MS)])
  const address = await resolved(host, name, options.look ?? lookUp)
  if (!isNamed && !address.every((each) => isPublicAddress(each.address)))
    throw permanent(
      'Refused',
      `The notification ${name} leads to a private or local address, where nothing is sent. If it is meant, name its host in privateHosts.`,
    )
  const { statusCode: status = 0 } = await send(message, pinned(address), signal).catch((error: unknown) => {
    if (options.signal.aborted) throw options.signal.reason
    throw transient(`The notification ${name} was not taken: ${signal.aborted ? 'no answer in time' : codeOf(error)}.`)
  })
  judge(status, name)
}

type Address = { readonly address: string; readonly family: number }

async function resolved(host: string, name: string, look: typeof lookUp): Promise<readonly Address[]> {
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  const found = await look(host).catch((error: unknown) => {
    throw transient(`The host of the notification ${name} cannot be looked up: ${codeOf(error)}.`)
  })
  if (found.length === 0) throw transient(`The host of the notification ${name} has no address.`)
  return found
}

function lookUp(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true, verbatim: true })
}

function pinned(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (options.all === true)
      callback(
        null,
        addresses.map((each) => ({ ...each })),
      )
    else callback(null, first?.address ?? '', first?.family)
  }
}

function send({ url, headers, body }: Message, look: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> {
  const go = url.protocol === 'https:' ? httpsRequest : httpRequest
  const length = { 'content-length': `${Buffer.byteLength(body)}` }
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent: false, lookup: look, signal, headers: { ...headers, ...length } } as const
    const request = go(url, options, (response) => {
      // What it says beside its status is of no use, however much it is.
      response.destroy()
      resolve(response)
    })
    request.on('error', reject)
    request.end(body)
  })
}

function judge(status: number, name: string): void {
  if (status >= 200 && status < 300) return
  if (status >= 300 && status < 400)
    throw permanent(
      'InvalidConfiguration',
      `The notification ${name} redirects, which is not followed. Set its address to where it is now.`,
    )
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    throw transient(`The notification ${name} was answered with ${status}.`)
  throw permanent('Refused', `The notification ${name} was refused with ${status}. Check its address and its secret on both sides.`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
}
