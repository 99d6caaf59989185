import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'

export type Upstream = { readonly request: (headers: IncomingHttpHeaders) => ClientHttp2Stream; readonly close: () => void }

/** Temporal ends a connection after some minutes: what is under way goes on there, and what comes takes the next one. */
export function openUpstream(address: string): Upstream {
  const sessions = new Set<ClientHttp2Session>()
  let current: ClientHttp2Session | null = null
  const open = (): ClientHttp2Session => {
    const session = connect(`http://${address}`)
    const leave = () => {
      if (current === session) current = null
    }
    session.on('error', leave)
    session.once('goaway', leave)
    session.once('close', () => {
      leave()
      sessions.delete(session)
    })
    sessions.add(session)
    return session
  }
  return {
    request: (headers) => (current ??= open()).request(headers),
    close: () => {
      for (const session of sessions) session.destroy()
    },
  }
}
