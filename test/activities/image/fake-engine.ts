import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type FakeEngine = { dockerHost: string; asked: string[]; close: () => Promise<void> }

type Answers = {
  build?: (to: ServerResponse, from: IncomingMessage) => void
  push?: (to: ServerResponse) => void
  /** The id of the only image that it has, whatever its name. */
  imageId?: string
}

/** An engine on a socket of its own: `build` and `push` answer as the test says, all else as if nothing was there. */
export async function fakeEngine(answers: Answers): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-engine-'))
  const asked: string[] = []
  const server = createServer((from, to) => {
    const url = from.url ?? ''
    asked.push(`${from.method} ${url.split('?', 1)[0]}`)
    from.resume()
    from.on('end', () => {
      if (url.startsWith('/build')) answers.build?.(to, from)
      else if (url.includes('/push')) answers.push?.(to)
      else if (url.endsWith('/json') && answers.imageId !== undefined) to.end(JSON.stringify({ Id: answers.imageId, RepoDigests: [] }))
      else to.writeHead(404).end('{"message":"no such image"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve))
  return {
    dockerHost: `unix://${join(folder, 's')}`,
    asked,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
