import { z } from 'zod'
import { parseFailure, type Parsed } from '../domain/parsed.ts'

/** A DSSE envelope (secure-systems-lab/dsse). `sig` is the base64 of an armored SSH signature over the PAE; see signedBytes. */
export type Envelope = {
  readonly payloadType: string
  readonly payload: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

export const IN_TOTO = 'application/vnd.in-toto+json'

/** What is signed: DSSE's pre-authentication encoding of the type and the bytes. */
export function signedBytes(payloadType: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload])
}

export function envelopeOf(payload: Buffer, signatures: readonly { readonly keyid: string; readonly armored: string }[]): Envelope {
  return {
    payloadType: IN_TOTO,
    payload: payload.toString('base64'),
    signatures: signatures.map(({ keyid, armored }) => ({ keyid, sig: Buffer.from(armored).toString('base64') })),
  }
}

const envelope = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })).max(10),
})

export function parseEnvelope(text: string): Parsed<Envelope> {
  try {
    const parsed = envelope.safeParse(JSON.parse(text))
    if (parsed.success) return { ok: true, value: parsed.data }
  } catch {
    // It is no JSON.
  }
  return parseFailure(text, 'a DSSE envelope')
}
