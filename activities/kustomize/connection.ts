import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import type { ClusterEstate } from '../../config/estate-schema.ts'
import { createKubernetes, type Kubernetes } from './client.ts'
import type { Environment } from './exec-plugin.ts'
import { loadKubeconfig, type LoadedKubeconfig } from './kubeconfig.ts'
import { logIn } from './login.ts'

/** Gives the cluster's API for one activity. The kubeconfig is read anew each time; connections are kept between. */
type Connect = (signal: AbortSignal) => Promise<Kubernetes>

/** Enough sockets to send a small overlay's objects at once, few enough not to be throttled. */
const KEPT = { keepAlive: true, maxSockets: 8, maxFreeSockets: 8, scheduling: 'lifo' } as const

/** @param environment what a credential plugin of the kubeconfig gets, as kubectl would hand on its own */
export function createConnect(estate: ClusterEstate, environment: Environment = process.env): Connect {
  const agentFor = createAgentKeeper()
  return async (signal) => {
    const loaded = await loadKubeconfig(estate)
    const login = async () => {
      const options = await logIn({ config: loaded.config, kubeconfig: estate.kubeconfig, environment }, signal)
      return { agent: agentFor(loaded, options), headers: options.headers, auth: options.auth }
    }
    // Once before the first requests, which come many at a time: a credential plugin runs once and not for each.
    await login()
    return createKubernetes({ server: loaded.server, login }, signal)
  }
}

/** Keeps one agent, and with it the open connections, as long as it would be made of the same. The library's own closes each. */
function createAgentKeeper(): (loaded: LoadedKubeconfig, options: RequestOptions) => HttpAgent {
  let kept: { madeOf: unknown; agent: HttpAgent } | null = null
  return ({ server, cluster: { proxyUrl } }, { agent: theirs, ca, cert, key, servername, rejectUnauthorized = true }) => {
    // With a default for rejectUnauthorized, no environment variable switches the check of certificates off.
    const tls = { ca, cert, key, servername, rejectUnauthorized }
    const madeOf = { server: server.href, proxyUrl, tls }
    if (kept && isDeepStrictEqual(kept.madeOf, madeOf)) return kept.agent
    kept?.agent.destroy()
    const direct = () => (server.protocol === 'http:' ? new HttpAgent(KEPT) : new HttpsAgent({ ...KEPT, ...tls }))
    kept = { madeOf, agent: proxyUrl && theirs instanceof HttpAgent ? Object.assign(theirs, KEPT) : direct() }
    return kept.agent
  }
}
