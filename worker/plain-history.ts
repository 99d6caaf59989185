import type { PayloadCodec } from '@temporalio/common'
import type { History, Payload } from '@temporalio/common/lib/proto-utils.js'

/** A history with its payloads as they were before the codecs, so that it can be read where no key is. */
export async function inPlain(history: History, codecs: readonly PayloadCodec[]): Promise<History> {
  const decode = async (payload: Payload): Promise<Payload> => {
    let plain = [payload]
    for (const codec of codecs.toReversed()) plain = await codec.decode(plain)
    return plain[0] ?? payload
  }
  const walk = async (value: unknown): Promise<void> => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
    for (const [key, each] of Object.entries(value)) {
      if (isEncrypted(each)) (value as Record<string, unknown>)[key] = await decode(each)
      else await walk(each)
    }
  }
  await walk(history)
  return history
}

function isEncrypted(value: unknown): value is Payload {
  const metadata = typeof value === 'object' && value !== null && 'metadata' in value ? (value as Payload).metadata : null
  return Buffer.from(metadata?.['encoding'] ?? []).toString('latin1') === 'binary/encrypted'
}
