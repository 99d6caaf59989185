import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quoted } from '../domain/parsed.ts'
import { keygen } from './keygen.ts'

/** Who signed, as the allowed signers name them; or why the signature does not count, in words. */
export type Judged = { readonly ok: true; readonly principal: string } | { readonly ok: false; readonly reason: string }

export type Signed = {
  readonly bytes: Buffer
  /** Armored. */
  readonly signature: string
  readonly namespace: string
  /** Milliseconds since 1970: the key must have been allowed then. */
  readonly at: number
}

/** An OpenSSH allowed_signers file, and the PATH on which ssh-keygen is. */
export type Signers = { readonly file: string; readonly path: string }

/** The end of the year 9999: ssh-keygen reads four digits. */
const LAST_TIME = 253_402_300_799_999

/** Asks ssh-keygen whether one of the allowed signers signed these bytes, and was allowed to at that time. */
export async function verifySignature(signed: Signed, { file: allowed, path }: Signers): Promise<Judged> {
  if (!Number.isFinite(signed.at) || signed.at < 0 || signed.at > LAST_TIME)
    return { ok: false, reason: 'it gives no time at which it was signed' }
  const folder = await mkdtemp(join(tmpdir(), 'slipway-verify-'))
  try {
    const file = join(folder, 'signature')
    await writeFile(file, signed.signature)
    const when = `verify-time=${timestamp(signed.at)}`
    const who = await keygen(['-Y', 'find-principals', '-O', when, '-f', allowed, '-s', file], { path })
    if (who.code !== 0) return { ok: false, reason: `its key is not one of the allowed signers${at(signed)}` }
    const principals = who.out.split('\n').filter((line) => line !== '')
    for (const principal of principals) {
      const args = ['-Y', 'verify', '-O', when, '-f', allowed, '-I', principal, '-n', signed.namespace, '-s', file]
      const verified = await keygen(args, { path, input: signed.bytes })
      if (verified.code === 0) return { ok: true, principal }
    }
    const names = principals.map(quoted).join(', ')
    return { ok: false, reason: `the signature by the key of ${names} does not fit what it should have signed, or may not be used for it` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** As ssh-keygen reads it, in UTC. */
function timestamp(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-T:]|\..*/g, '')
}

function at(signed: Signed): string {
  return ` at ${new Date(signed.at).toISOString()}`
}
