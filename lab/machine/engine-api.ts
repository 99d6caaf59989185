import { createReadStream } from 'node:fs'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

/** One POST to a Docker engine whose answer is a stream of JSON lines, read to its end; an error in any line is an error. */
export async function postToEngine(
  socketPath: string,
  path: string,
  { file, headers = {} }: { file?: string; headers?: Record<string, string> } = {},
): Promise<void> {
  const call = request({ socketPath, path, method: 'POST', headers: { 'content-type': 'application/x-tar', ...headers } })
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    call.once('error', reject)
    call.once('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
  })
  await pipeline(file === undefined ? Readable.from([]) : createReadStream(file), call)
  const { status, body } = await answered
  const failure = firstError(body)
  if (status !== 200 || failure) throw new Error(failure ?? `the engine answered ${status}: ${body.trim()}`)
}

function firstError(body: string): string | undefined {
  for (const line of body.split('\n').filter((one) => one.trim() !== '')) {
    const message = JSON.parse(line) as { error?: string }
    if (message.error) return message.error
  }
  return undefined
}
