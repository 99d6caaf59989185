import { createServer, request, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fake = { address: string; seen: { method: string; url: string; authorization: string | null }[]; close: () => Promise<void> }

/** A server of the test's own on a free port; it writes down what it was asked. */
export async function fake(answer: RequestListener): Promise<Fake> {
  const seen: Fake['seen'] = []
  const server = createServer((from, to) => {
    seen.push({ method: from.method ?? '', url: from.url ?? '', authorization: from.headers.authorization ?? null })
    answer(from, to)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** A door before a real registry that wants a password, as a proxy with a password file does. */
export async function guarded(registry: string, username: string, password: string): Promise<Fake> {
  return await fake((from, to) => {
    if (from.headers.authorization !== basic(username, password)) {
      to.writeHead(401, { 'www-authenticate': 'Basic realm="lab"', 'content-type': 'application/json' })
      to.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
      return
    }
    forward(registry, from, to)
  })
}

function forward(registry: string, from: IncomingMessage, to: ServerResponse): void {
  const [host = '', port = ''] = registry.split(':')
  // The Host header stays, so that the registry's Location leads back through the door.
  const { authorization: _, ...headers } = from.headers
  const onward = request({ host, port, method: from.method, path: from.url, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(to)
  })
  onward.on('error', () => to.destroy())
  from.pipe(onward)
}
