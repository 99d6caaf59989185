import { createHash } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { ClusterEstate } from '../../config/estate-schema.ts'
import { createKubernetes, type Kubernetes } from './client.ts'
import { runCredentialPlugin, type ExecCredential } from './exec-credential.ts'
import { readKubeconfig, type ClusterAccess } from './kubeconfig.ts'

/** Gives the cluster's API for one activity. The kubeconfig is read anew each time; connections are kept between. */
type Connect = (signal: AbortSignal) => Promise<Kubernetes>

/** Enough to send a small overlay's objects at once, few enough not to be throttled. */
const SOCKETS = 8
const EXPIRY_MARGIN_MS = 30_000

export function createConnect(cluster: ClusterEstate, environment: Readonly<Record<string, string | undefined>>): Connect {
  const agents = createAgentCache()
  const credentials = createCredentialCache(environment)
  return async (signal) => {
    const access = await readKubeconfig(cluster)
    const credential = async () => (access.exec ? await credentials(access.exec, signal) : null)
    return createKubernetes(
      {
        server: access.server,
        agent: async () => agents(access, (await credential())?.clientCertificate ?? access.clientCertificate),
        headers: async () => {
          const token = (await credential())?.token
          const authorization = token ? `Bearer ${token}` : access.authorization
          return {
            ...(authorization ? { authorization } : {}),
            ...(access.impersonate ? { 'impersonate-user': access.impersonate } : {}),
          }
        },
      },
      signal,
    )
  }
}

/** Keeps one agent, and with it the open connections, as long as the kubeconfig says the same. */
function createAgentCache(): (access: ClusterAccess, certificate: ClusterAccess['clientCertificate']) => HttpAgent {
  let kept: { key: string; agent: HttpAgent } | null = null
  return (access, certificate) => {
    const key = agentKey(access, certificate)
    if (kept?.key === key) return kept.agent
    kept?.agent.destroy()
    const agent = newAgent(access, certificate)
    kept = { key, agent }
    return agent
  }
}

function newAgent(access: ClusterAccess, certificate: ClusterAccess['clientCertificate']): HttpAgent {
  const kept = { keepAlive: true, maxSockets: SOCKETS, maxFreeSockets: SOCKETS, scheduling: 'lifo' as const }
  const proxy = access.proxy ? { proxyEnv: { HTTP_PROXY: access.proxy, HTTPS_PROXY: access.proxy } } : {}
  if (access.server.protocol === 'http:') return new HttpAgent({ ...kept, ...proxy })
  return new HttpsAgent({
    ...kept,
    ...proxy,
    rejectUnauthorized: !access.insecure,
    ...(access.ca ? { ca: access.ca } : {}),
    ...(access.serverName ? { servername: access.serverName } : {}),
    ...certificate,
  })
}

function agentKey(access: ClusterAccess, certificate: ClusterAccess['clientCertificate']): string {
  const parts = [access.server.href, access.ca, access.insecure, access.serverName, access.proxy, certificate?.cert, certificate?.key]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`\0${String(part ?? '')}`)
  return hash.digest('hex')
}

function createCredentialCache(environment: Readonly<Record<string, string | undefined>>) {
  let kept: { key: string; credential: Promise<ExecCredential>; untilMs: number } | null = null
  return async (plugin: NonNullable<ClusterAccess['exec']>, signal: AbortSignal): Promise<ExecCredential> => {
    const key = JSON.stringify(plugin)
    if (kept?.key === key && Date.now() < kept.untilMs) return await kept.credential
    const entry = { key, credential: runCredentialPlugin(plugin, environment, signal), untilMs: Number.POSITIVE_INFINITY }
    kept = entry
    try {
      const credential = await entry.credential
      // kubectl keeps a credential that does not say when it expires; a worker lives longer and asks again.
      entry.untilMs = credential.expiresMs === null ? Date.now() + EXPIRY_MARGIN_MS : credential.expiresMs - EXPIRY_MARGIN_MS
      return credential
    } catch (error) {
      if (kept === entry) kept = null
      throw error
    }
  }
}
