import type { HostEstate } from '../../config/estate-schema.ts'
import { permanent } from '../failure.ts'
import { judgeHostKey, knownKeyTypes, parseKnownHosts, type HostKeyVerdict } from './known-hosts.ts'
import { fingerprintOf, keyTypeOf } from './public-key.ts'

/** How one host is known, ready to judge the key that it shows. */
export type HostKeyCheck = {
  /** Types of the keys that are known, most wanted first; empty: whatever the host offers. */
  readonly types: readonly string[]
  /** null when it is the host's own key, else the sentence that refuses it. */
  readonly refusal: (key: Buffer) => string | null
}

/** Reads known_hosts where the estate names one. A file that cannot be read is a permanent `InvalidConfiguration`. */
export async function hostKeyCheck(host: HostEstate, readFile: (path: string) => Promise<string>): Promise<HostKeyCheck> {
  if ('fingerprint' in host.hostKey) return pinned(host, host.hostKey.fingerprint)
  const path = host.hostKey.knownHosts
  const known = parseKnownHosts(await readKnownHosts(path, readFile))
  return {
    types: knownKeyTypes(known, host.address, host.port),
    refusal: (key) => refusalOf(judgeHostKey(known, host.address, host.port, key), host, key, path),
  }
}

function pinned(host: HostEstate, fingerprint: string): HostKeyCheck {
  return {
    types: [],
    refusal: (key) =>
      fingerprintOf(key) === fingerprint
        ? null
        : `the ssh host ${placeOf(host)} shows the key ${describeKey(key)}, and the estate pins ${fingerprint}: ` +
          `nothing was sent to it. Ask who runs the host; if its key is new, or of another type than the pinned one, ` +
          `compare with \`${scan(host)} | ssh-keygen -lf -\` and pin what the host's own console shows`,
  }
}

async function readKnownHosts(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw permanent(
      'InvalidConfiguration',
      `expected a known_hosts file at ${path}, which cannot be read (${code}); make it with ssh-keyscan and compare its fingerprints, or pin a fingerprint in the estate`,
    )
  }
}

function refusalOf(verdict: HostKeyVerdict, host: HostEstate, key: Buffer, path: string): string | null {
  const shown = `the ssh host ${placeOf(host)} shows the key ${describeKey(key)}`
  const add = `compare that fingerprint with the host's own (\`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` there), then \`${scan(host, key)} >> ${path}\``
  switch (verdict.kind) {
    case 'known':
      return null
    case 'unknown':
      return `${shown}, and ${path} does not list that host: nothing was sent to it; ${add}`
    case 'changed':
      return `${shown}, and ${path} lists another one (${inLines(verdict.lines)}): the host was rebuilt or somebody else answers for it, so nothing was sent to it; ask who runs it, remove the old line, ${add}`
    case 'other-types':
      return `${shown}, and ${path} lists only keys of type ${verdict.types.join(', ')} (${inLines(verdict.lines)}), which it does not offer: nothing was sent to it; ${add}`
    case 'revoked':
      return `${shown}, which ${path} marks @revoked (${inLines(verdict.lines)}): nothing was sent to it; give the host a new key`
    case 'authority-only':
      return `${shown}, and ${path} names only a @cert-authority for it (${inLines(verdict.lines)}); host certificates are not supported: list the host's plain key as well; ${add}`
    default:
      return verdict satisfies never
  }
}

function inLines(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`
}

function describeKey(key: Buffer): string {
  return `${keyTypeOf(key)} ${fingerprintOf(key)}`
}

function placeOf(host: HostEstate): string {
  return `${host.address}:${host.port}`
}

const SCAN_TYPES: Readonly<Record<string, string>> = { 'ssh-ed25519': 'ed25519', 'ssh-rsa': 'rsa' }

function scan(host: HostEstate, key?: Buffer): string {
  const type = key ? (SCAN_TYPES[keyTypeOf(key)] ?? 'ecdsa') : null
  return `ssh-keyscan${type ? ` -t ${type}` : ''} -p ${host.port} ${host.address}`
}
