import { StringDecoder } from 'node:string_decoder'
import { transient } from '../failure.ts'

/** One message of the engine's answer to a build, a push or a pull. */
export type EngineMessage = {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progress?: string
  readonly error?: string
  readonly errorDetail?: { readonly message?: string; readonly code?: number }
  readonly aux?: { readonly ID?: string; readonly Tag?: string; readonly Digest?: string }
}

const MOST_LINE_CHARACTERS = 1024 * 1024

/**
 * The messages of the engine's answer, one JSON object a line.
 *
 * @throws transient when a line is no such message or the answer breaks off in the middle of one
 */
export async function* engineMessages(stream: AsyncIterable<Buffer>): AsyncGenerator<EngineMessage> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    rest += decoder.write(chunk)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield parse(line)
    if (rest.length > MOST_LINE_CHARACTERS) throw notUnderstood(rest)
  }
  rest += decoder.end()
  if (rest.trim() !== '') yield parse(rest)
}

/** What went wrong according to a message; null when nothing did. */
export function errorOf(message: EngineMessage): string | null {
  const said = message.errorDetail?.message ?? message.error
  if (said !== undefined) return said === '' ? 'an error without words' : said
  return message.errorDetail === undefined ? null : 'an error without words'
}

function parse(line: string): EngineMessage {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw notUnderstood(line)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notUnderstood(line)
  return value
}

function notUnderstood(line: string) {
  const shown = line.slice(0, 120).replace(/[^\x20-\x7e]/g, '?')
  return transient(`the Docker engine answered with what is no message of it: ${shown}. Is a proxy in between?`)
}
