import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { parse } from 'yaml'

export type Asked = { readonly method: string; readonly path: string; readonly status: number }

export type ApiProxy = {
  readonly address: string
  /** What was asked through it and is a write, the oldest first. */
  readonly writes: readonly Asked[]
  readonly close: () => void
}

/**
 * Stands between a worker and the API server. When the server has answered what `isMoment` recognises, `atMoment` is done
 * before the worker gets that answer.
 */
export async function apiProxy(kubeconfig: string, isMoment: (asked: Asked) => boolean, atMoment: () => Promise<void>): Promise<ApiProxy> {
  const { clusters } = parse(await readFile(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  }
  const { server, 'certificate-authority-data': authority } = clusters[0]!.cluster
  const ca = Buffer.from(authority, 'base64')
  const writes: Asked[] = []
  const forward = async (asking: IncomingMessage, answering: ServerResponse) => {
    const { method = '', url = '', headers } = asking
    const body = await buffer(asking)
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method, headers: { ...headers, host: new URL(server).host }, ca }
      request(new URL(url, server), options, resolve).on('error', reject).end(body)
    })
    const answered = await buffer(answer)
    const asked = { method, path: url, status: answer.statusCode ?? 0 }
    if (method !== 'GET' && !url.includes('dryRun=All')) writes.push(asked)
    if (isMoment(asked)) await atMoment()
    answering.writeHead(asked.status, { 'content-type': answer.headers['content-type'] ?? 'application/json' }).end(answered)
  }
  const proxy = createServer((asking, answering) => {
    forward(asking, answering).catch((error: Error) => answering.destroy(error))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  return {
    address: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    writes,
    close: () => {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}
