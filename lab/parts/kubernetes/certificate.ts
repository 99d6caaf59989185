import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../../layout.ts'
import { run } from '../../machine/run.ts'

export type Pki = { certificate: string; key: string; serviceAccountKey: string; tokens: string; token: string }

/**
 * One self-signed certificate is the cluster's authority and every component's own: client and server alike, as an
 * administrator. Made once and kept, so that a kubeconfig that was handed out stays good.
 */
export async function ensurePki(layout: Layout): Promise<Pki> {
  const folder = join(layout.state, 'kubernetes', 'pki')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const at = (name: string) => join(folder, name)
  const pki = { certificate: at('lab.crt'), key: at('lab.key'), serviceAccountKey: at('service-accounts.key'), tokens: at('tokens.csv') }
  if (!existsSync(pki.certificate)) {
    await run(certificateCommand(layout, pki.key, `${pki.certificate}.next`))
    await rename(`${pki.certificate}.next`, pki.certificate)
  }
  if (!existsSync(pki.serviceAccountKey)) await run(['openssl', 'genrsa', '-out', pki.serviceAccountKey, '2048'])
  if (!existsSync(pki.tokens)) {
    await writeFile(pki.tokens, `${randomBytes(24).toString('hex')},admin,admin,"system:masters"\n`, { mode: 0o600 })
  }
  const [token = ''] = (await readFile(pki.tokens, 'utf8')).split(',')
  return { ...pki, token }
}

export function certificateCommand({ network }: Layout, key: string, certificate: string): string[] {
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost', 'lab']
  const addresses = [network.node.address, network.firstService, '127.0.0.1']
  const subjectAltName = [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)].join(',')
  return [
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '3650',
    '-subj',
    '/O=system:masters/CN=slipway-lab',
    '-addext',
    `subjectAltName=${subjectAltName}`,
    '-addext',
    'extendedKeyUsage=serverAuth,clientAuth',
    '-keyout',
    key,
    '-out',
    certificate,
  ]
}
