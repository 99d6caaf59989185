import { once } from 'node:events'
import {
  constants,
  createServer,
  type ClientHttp2Stream,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Upstream } from './upstream.ts'

/** What may look at the calls of a worker, and stop one on its way. */
export type Watcher = {
  /** Before the server hears of it. False: it never does, and the worker gets no answer. */
  readonly asked: (method: string, message: Buffer) => Promise<boolean>
  /** Before the worker gets the answer, if it is there to get it. */
  readonly answered: (method: string, message: Buffer, isThere: boolean) => void
  /** The worker has it. */
  readonly delivered: (method: string, message: Buffer) => void
}

/**
 * Stands between a worker and Temporal and passes every call on as it is: unary gRPC without TLS, which is all that a worker
 * speaks. It asks for no task before its turn has come.
 */
export async function openProxy(
  server: Upstream,
  watcher: Watcher,
  turn: Promise<void>,
): Promise<{ address: string; close: () => Promise<void> }> {
  const workers = new Set<Http2Session>()
  const door = createServer()
  door.on('session', (worker) => {
    workers.add(worker)
    worker.on('error', () => undefined)
    worker.once('close', () => workers.delete(worker))
  })
  door.on('stream', (worker, headers) => {
    worker.on('error', () => undefined)
    void pass(worker, headers, { request: server.request, watcher, turn }).catch(() => worker.close(constants.NGHTTP2_INTERNAL_ERROR))
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  return {
    address: `127.0.0.1:${(door.address() as AddressInfo).port}`,
    close: async () => {
      for (const worker of workers) worker.destroy()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}

async function pass(
  worker: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { request, watcher, turn }: { request: Upstream['request']; watcher: Watcher; turn: Promise<void> },
): Promise<void> {
  const method = headers[':path']?.split('/').at(-1) ?? ''
  const sent = await bytesOf(worker)
  if (!(await watcher.asked(method, messageOf(sent)))) return
  if (method.startsWith('Poll')) {
    await turn
    if (worker.destroyed) return
  }
  const asked = request(forServer(headers))
  asked.on('error', () => undefined)
  // A poll of a worker that is gone must not be given a task; what it said before it went counts.
  if (!worker.destroyed) worker.once('close', () => asked.close(constants.NGHTTP2_CANCEL))
  asked.end(sent)
  const { head, body, trailers } = await answerOf(asked)
  const message = messageOf(body)
  watcher.answered(method, message, !worker.destroyed)
  if (worker.destroyed) return
  worker.respond(head, { waitForTrailers: true })
  worker.once('wantTrailers', () => worker.sendTrailers(trailers))
  worker.end(body, () => watcher.delivered(method, message))
}

/** Without what belongs to a connection; and an answer that is not compressed can be read. */
function forServer(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { 'grpc-accept-encoding': _compressed, ...rest } = headers
  return rest
}

type Answer = { readonly head: IncomingHttpHeaders; readonly body: Buffer; readonly trailers: IncomingHttpHeaders }

async function answerOf(asked: ClientHttp2Stream): Promise<Answer> {
  let trailers: IncomingHttpHeaders = {}
  asked.once('trailers', (found: IncomingHttpHeaders) => {
    trailers = found
  })
  const responded = once(asked, 'response') as Promise<[IncomingHttpHeaders]>
  const closed = once(asked, 'close').then(() => {
    throw new Error('the call ended without an answer')
  })
  closed.catch(() => undefined)
  const [head] = await Promise.race([responded, closed])
  return { head, body: await bytesOf(asked), trailers }
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** gRPC puts a flag and the length before the one message of a unary call. */
function messageOf(frame: Buffer): Buffer {
  const message = frame.subarray(5)
  return frame[0] === 1 ? gunzipSync(message) : message
}
