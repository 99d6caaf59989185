import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Something that a health check asks, and that is well or not as the test says. */
export async function openAnswering() {
  let status = 200
  const server = createServer((_, answer) => answer.writeHead(status).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: (next: 200 | 503): void => {
      status = next
    },
    close: (): void => {
      server.closeAllConnections()
      server.close()
    },
  }
}
