import { createHash } from 'node:crypto'

/** The fingerprint of a public key in the wire format, as `ssh-keygen -lf` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The key's type, such as `ssh-ed25519`: the first string of the wire format. Empty when there is none. */
export function keyTypeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  return length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : ''
}
