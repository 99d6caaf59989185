import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { RequestOptions as TlsRequestOptions } from 'node:https'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Answer = { status: number; body: string }

/** One HTTP question; undefined when nobody answers in time. */
export async function ask(options: RequestOptions & { body?: string }): Promise<Answer | undefined> {
  return await answered(options, (onResponse) => httpRequest(options, onResponse))
}

export async function askTls(options: TlsRequestOptions): Promise<Answer | undefined> {
  return await answered(options, (onResponse) => httpsRequest({ ...options, agent: false }, onResponse))
}

/** The first bytes that a server says by itself (ssh does), or undefined. */
export function banner(host: string, port: number, timeoutMs = 2_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (text?: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(timeoutMs, () => end())
    socket.once('error', () => end())
    socket.once('data', (bytes) => end(bytes.toString('latin1')))
  })
}

/** Whether somebody listens, at `{ host, port }` or at the unix socket `{ path }`. */
export function accepts(where: { host: string; port: number } | { path: string }, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(where)
    const end = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.once('error', () => end(false))
    socket.once('connect', () => end(true))
  })
}

export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)))
  })
}

/** Asks again until the answer is yes; false when the time is over. */
export async function eventually(yes: () => Promise<boolean>, timeoutMs: number, everyMs = 50): Promise<boolean> {
  const until = Date.now() + timeoutMs
  while (!(await yes())) {
    if (Date.now() > until) return false
    await sleep(everyMs)
  }
  return true
}

function answered(
  options: { body?: string; timeout?: number | undefined },
  open: (onResponse: (response: IncomingMessage) => void) => ClientRequest,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const request = open((response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(undefined))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
    })
    request.setTimeout(options.timeout ?? 2_000, () => request.destroy())
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
    request.end(options.body)
  })
}
