import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'

export type RemoteUrl =
  | { readonly kind: 'local' }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number }
  | { readonly kind: 'http' | 'https'; readonly origin: string }

/** How git will reach this URL. The estate's schema has seen it; what gets past it by mistake is refused here. */
export function parseRemoteUrl(url: string): RemoteUrl {
  if (url.startsWith('/') || url.startsWith('file:///')) return { kind: 'local' }
  const scp = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)/.exec(url)
  if (scp && !url.includes('://')) return { kind: 'ssh', host: scp[1]!, port: 22 }
  const parsed = URL.parse(url)
  if (parsed?.protocol === 'ssh:' && parsed.password === '' && /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(parsed.hostname)) {
    return { kind: 'ssh', host: parsed.hostname, port: parsed.port === '' ? 22 : Number(parsed.port) }
  }
  if ((parsed?.protocol === 'https:' || parsed?.protocol === 'http:') && parsed.username === '' && parsed.password === '') {
    return { kind: parsed.protocol === 'https:' ? 'https' : 'http', origin: parsed.origin }
  }
  throw permanent(
    'InvalidConfiguration',
    `The repository's url in the estate should be https://host/path, ssh://user@host/path, user@host:path, file:///path or /path, without a password; it is ${quoted(url.replace(/\/\/[^/@]*:[^/@]*@/, '//…@'))}.`,
  )
}

/** What git may use to get there. An http URL may be redirected to https, never the other way. */
export function allowedProtocols({ kind }: RemoteUrl): readonly string[] {
  if (kind === 'local') return ['file']
  return kind === 'http' ? ['http', 'https'] : [kind]
}
