import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }

/** A receiver on this machine that answers as it is told: a status, a redirect, or never. */
export type Receiver = {
  readonly port: number
  readonly received: Received[]
  readonly close: () => Promise<void>
}

type Answer = number | { readonly to: string } | 'never' | 'endless'

/** @param answers one after another, the last for all that follow */
export async function openReceiver(answers: readonly Answer[] = [204], host = '127.0.0.1', port = 0): Promise<Receiver> {
  const received: Received[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = answers[Math.min(received.length, answers.length - 1)] ?? 204
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
      if (answer === 'never') return
      if (answer === 'endless') {
        response.writeHead(200)
        const more = setInterval(() => response.write('x'.repeat(65_536)), 1)
        response.on('close', () => clearInterval(more))
        return
      }
      if (typeof answer === 'number') response.writeHead(answer).end()
      else response.writeHead(307, { location: answer.to }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
