import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { permanent, transient } from '../failure.ts'
import { readIfThere, writeWhole } from './files.ts'
import { plainWords } from './plain-words.ts'
import { runGit, type GitCommand } from './run-git.ts'

export type PinnedHost = { readonly host: string; readonly port: number; readonly fingerprint: string }

type Places = { readonly folder: string; readonly cwd: string; readonly environment: Readonly<Record<string, string>> }

const TIMEOUT_MS = 15_000

/**
 * A known_hosts file that holds the one key of the host that has the pinned fingerprint, and its path. Who answers the scan
 * proves nothing by it: ssh then insists on that key.
 */
export async function pinHostKey(pinned: PinnedHost, places: Places, signal: AbortSignal): Promise<string> {
  const path = join(places.folder, createHash('sha256').update(JSON.stringify(pinned)).digest('hex'))
  if ((await readIfThere(path)) !== null) return path
  const scan = await runGit(scanKeys(pinned), {
    program: 'ssh-keyscan',
    environment: places.environment,
    cwd: places.cwd,
    signal,
    timeoutMs: TIMEOUT_MS,
    limitBytes: 1024 * 1024,
  })
  const keys = parseScan(scan.stdout.toString('utf8'))
  const where = `${pinned.host} port ${pinned.port}`
  if (keys.length === 0) {
    throw transient(`The ssh host ${where} shows no host key; it is tried again. ${plainWords(scan.stderr)}`.trim())
  }
  const match = keys.find((key) => key.fingerprint === pinned.fingerprint)
  if (!match) {
    const found = keys.map((key) => `${key.fingerprint} (${key.type})`).join(', ')
    throw permanent(
      'Refused',
      `The host key of ${where} should be ${pinned.fingerprint}; the host shows ${found}. Check hostKey of the repository in the estate.`,
    )
  }
  await writeWhole(path, `${knownHostsLine(pinned, match)}\n`)
  return path
}

export function scanKeys({ host, port }: PinnedHost): GitCommand {
  return { args: ['-T', '10', '-p', String(port), '--', host] }
}

export type HostKey = { readonly type: string; readonly key: string; readonly fingerprint: string }

export function parseScan(text: string): readonly HostKey[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[^#\s]\S* ([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line)
    if (!match) return []
    const digest = createHash('sha256').update(Buffer.from(match[2]!, 'base64')).digest('base64')
    return [{ type: match[1]!, key: match[2]!, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` }]
  })
}

export function knownHostsLine({ host, port }: PinnedHost, { type, key }: HostKey): string {
  return `${port === 22 ? host : `[${host}]:${port}`} ${type} ${key}`
}
