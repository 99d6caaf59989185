import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export type Place = { readonly host: string; readonly port: number }

const PAUSE_MS = 10
/** While the old container goes and the new one comes, a connection may go nowhere: then the next one is tried. */
const REQUEST_MS = 250

/**
 * Asks each place for its version in a tight loop, a new connection each time.
 *
 * @returns the moment (milliseconds since 1970) at which the last of them first answered with `version`
 */
export async function untilServed(
  places: readonly Place[],
  version: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<number> {
  const agent = new Agent({ keepAlive: false })
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const one = async ({ host, port }: Place) => {
    for (let last = 'nothing'; ;) {
      const answer = await ask({ host, port, path: '/version', agent })
      if (answer?.trim() === version) return Date.now()
      last = answer?.trim().slice(0, 100) ?? last
      signal.throwIfAborted()
      if (deadline.aborted)
        throw new Error(
          `http://${host}:${port}/version did not answer "${version}" within ${timeoutMs / 1000} s; its last answer was "${last}"`,
        )
      await sleep(PAUSE_MS)
    }
  }
  return Math.max(...(await Promise.all(places.map(one))))
}

/** What a place says its version is; undefined when it does not answer in time. */
export async function asksVersion({ host, port }: Place): Promise<string | undefined> {
  return (await ask({ host, port, path: '/version', agent: new Agent({ keepAlive: false }) }))?.trim()
}

function ask(options: { host: string; port: number; path: string; agent: Agent }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined))
      response.on('error', () => resolve(undefined))
    })
    request.setTimeout(REQUEST_MS, () => request.destroy())
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
  })
}
