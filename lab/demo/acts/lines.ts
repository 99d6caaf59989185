import type { Stage } from '../stage.ts'

/** Asks again until the page says it, and prints where it does. */
export function untilSays(asks: string, text: string): string {
  return `until ${asks} | grep '${text}'; do sleep 0.2; done`
}

/** Until it answers: a node's port is open a moment after the cluster calls the rollout complete. */
export function pageLine(asks: string): string {
  return `until ${asks} | grep -E '<(h1|p)>'; do sleep 0.2; done`
}

/** Follows the sprint until it is there, or waits for that. */
export function untilSprint(version: string, state: string): string {
  return `slipway status ${version} --until ${state} --timeout 60`
}

/** The command that asks for an environment's page: at the node's port, or where no node is reached from here, through the API server. */
export async function askerOf({ env, sample, shell }: Stage, environment: 'alpha' | 'prod'): Promise<string> {
  const { nodeAddress } = env.kubernetes
  const namespace = `${sample.project}-${environment}`
  if (nodeAddress === null) return `kubectl get --raw /api/v1/namespaces/${namespace}/services/website:http/proxy/`
  const port = await shell.ask(`kubectl --namespace ${namespace} get service website --output 'jsonpath={.spec.ports[0].nodePort}'`)
  return `curl -s http://${nodeAddress}:${port.trim()}/`
}
