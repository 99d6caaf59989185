import { connect, constants, createSecureServer, type Http2SecureServer } from 'node:http2'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** A Temporal that is only reached over TLS, by who has a certificate of the team's own authority. */
export type TlsProxy = { readonly address: string; readonly seen: string[]; readonly close: () => void }

/** Writes an authority, a server's and a client's certificate, and those of another authority, into the folder. */
export async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: folder })
  for (const authority of ['ca', 'stranger']) {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${authority}`,
      '-keyout',
      `${authority}.key`,
      '-out',
      `${authority}.pem`,
    )
  }
  for (const [name, authority] of [
    ['server', 'ca'],
    ['client', 'ca'],
    ['other', 'stranger'],
  ] as const) {
    await openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=DNS:temporal.example',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    )
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${authority}.pem`,
      '-CAkey',
      `${authority}.key`,
      '-days',
      '2',
      '-copy_extensions',
      'copy',
      '-out',
      `${name}.pem`,
    )
  }
}

/** Ends TLS, asks for a client's certificate, notes the authorization that comes, and hands everything on. */
export async function startTlsProxy(folder: string, upstream: string): Promise<TlsProxy> {
  const file = (name: string) => readFile(join(folder, name))
  const [key, cert, ca] = await Promise.all([file('server.key'), file('server.pem'), file('ca.pem')])
  const server = createSecureServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true })
  const inside = connect(`http://${upstream}`)
  inside.on('error', () => undefined)
  const seen: string[] = []
  server.on('stream', (stream, headers) => {
    seen.push(headers.authorization ?? '')
    const { ':scheme': _scheme, ':authority': _authority, ...rest } = headers
    const asked = inside.request({ ...rest, ':scheme': 'http', ':authority': upstream })
    let trailers = {}
    asked.on('response', (answer, flags) => {
      // An answer that ends with its headers has nothing behind it.
      stream.respond(answer, { waitForTrailers: (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 })
    })
    asked.on('trailers', (each) => (trailers = each))
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    asked.on('error', () => stream.destroy())
    stream.on('error', () => asked.destroy())
    stream.pipe(asked).pipe(stream)
  })
  server.on('sessionError', () => undefined)
  return { address: `127.0.0.1:${await listen(server)}`, seen, close: () => (server.close(), inside.destroy()) }
}

async function listen(server: Http2SecureServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
