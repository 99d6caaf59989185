import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { CodecKey } from './keys.ts'
import { packPayload, unpackPayload, type Payload } from './payload.ts'

/** As Temporal's own samples mark them, so that its UI knows what it does not see. */
const ENCRYPTED = 'binary/encrypted'
const KEY_ID = 'encryption-key-id'

const NONCE_BYTES = 12
const TAG_BYTES = 16

export type Codec = {
  readonly encode: (payloads: Payload[]) => Promise<Payload[]>
  readonly decode: (payloads: Payload[]) => Promise<Payload[]>
}

/** A payload that cannot be read: with which key it was encrypted, and which there are. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
}

/**
 * AES-256-GCM over the whole payload, its metadata included. The first key encrypts, all decrypt; without keys nothing is
 * encrypted, and what others encrypted is an error that says so.
 */
export function createCodec(keys: readonly CodecKey[]): Codec {
  const [first] = keys
  return {
    encode: async (payloads) => (first === undefined ? payloads : payloads.map((payload) => encrypt(payload, first))),
    decode: async (payloads) => payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, keys) : payload)),
  }
}

function encrypt(payload: Payload, { id, key }: CodecKey): Payload {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(id))
  const data = Buffer.concat([nonce, cipher.update(packPayload(payload)), cipher.final(), cipher.getAuthTag()])
  return { metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id) }, data }
}

function decrypt(payload: Payload, keys: readonly CodecKey[]): Payload {
  const id = textOf(payload, KEY_ID)
  const known = keys.find((key) => key.id === id)
  if (known === undefined) {
    const have = keys.length === 0 ? 'there are none' : `there are ${keys.map((key) => key.id).join(', ')}`
    throw new CodecError(
      `what Temporal holds is encrypted with the key ${id.replaceAll(/[^\w.-]/g, '?').slice(0, 40)} of the payload codec, and ${have}: set SLIPWAY_CODEC_KEYS_FILE to a file with that key, here and for every worker`,
    )
  }
  const data = Buffer.from(payload.data ?? [])
  const end = data.length - TAG_BYTES
  try {
    const decipher = createDecipheriv('aes-256-gcm', known.key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(id)).setAuthTag(data.subarray(end))
    return unpackPayload(Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, end)), decipher.final()]))
  } catch {
    throw new CodecError(
      `what Temporal holds does not open with the key ${known.id} of the payload codec: that key is another one, or it was changed`,
    )
  }
}

function isEncrypted(payload: Payload): boolean {
  return textOf(payload, 'encoding') === ENCRYPTED
}

function textOf({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString('utf8')
}
