import { createHash } from 'node:crypto'
import { parseFailure, type Parsed } from '../domain/parsed.ts'

/** What an armored SSH signature says of itself, before anybody believes it. */
export type SshSignature = {
  /** As ssh-keygen -lf prints it: SHA256:<43 characters>. */
  readonly fingerprint: string
  readonly namespace: string
}

const ARMORED = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\s*$/
const MAGIC = 'SSHSIG'
const MOST_CHARACTERS = 20_000

/** The key and the namespace of a signature, by OpenSSH's PROTOCOL.sshsig. Whether it holds, only ssh-keygen says. */
export function parseSshSignature(armored: string): Parsed<SshSignature> {
  const expected = 'a signature as ssh-keygen -Y sign makes it'
  const base64 = armored.length > MOST_CHARACTERS ? undefined : ARMORED.exec(armored.replaceAll('\r', ''))?.[1]
  if (base64 === undefined) return parseFailure(armored, expected)
  const blob = Buffer.from(base64, 'base64')
  if (blob.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return parseFailure(armored, expected)
  const key = field(blob, MAGIC.length + 4)
  const namespace = key === null ? null : field(blob, key.end)
  if (key === null || namespace === null) return parseFailure(armored, expected)
  const fingerprint = createHash('sha256').update(key.bytes).digest('base64').replace(/=+$/, '')
  return { ok: true, value: { fingerprint: `SHA256:${fingerprint}`, namespace: namespace.bytes.toString('utf8') } }
}

function field(blob: Buffer, at: number): { readonly bytes: Buffer; readonly end: number } | null {
  if (at + 4 > blob.length) return null
  const end = at + 4 + blob.readUInt32BE(at)
  return end > blob.length ? null : { bytes: blob.subarray(at + 4, end), end }
}
