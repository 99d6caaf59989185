import { formatManifest, MANIFEST, MANIFEST_SIGNATURE } from '../../evidence/manifest.ts'
import type { Member } from '../../evidence/member.ts'
import { packTar } from '../../evidence/tar.ts'
import type { Signer } from './sign.ts'

/** The manifest first, so that who looks into the archive sees it first. */
export async function seal(members: readonly Member[], signer: Signer | null): Promise<Buffer> {
  const sorted = members.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const manifest = Buffer.from(formatManifest(sorted))
  const signature = signer === null ? [] : [{ path: MANIFEST_SIGNATURE, bytes: Buffer.from(await signer.sign(manifest)) }]
  return packTar([{ path: MANIFEST, bytes: manifest }, ...signature, ...sorted])
}

export function jsonMember(path: string, value: unknown): Member {
  return { path, bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) }
}
