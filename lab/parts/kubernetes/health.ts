import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../../layout.ts'
import { daemonRuns } from '../../machine/daemon.ts'
import { askTls } from '../../machine/probe.ts'
import { serverOf } from './addresses.ts'
import { clusterProcesses } from './processes.ts'

export async function apiReady(layout: Layout): Promise<boolean> {
  return (await get(layout, '/readyz'))?.status === 200
}

/** As `kubectl get node` says it; the word of a kubelet that died stays true for 40 s, so the processes are looked at too. */
export async function nodeReady(layout: Layout): Promise<boolean> {
  const answer = await get(layout, '/api/v1/nodes/lab')
  if (answer?.status !== 200) return false
  const node = JSON.parse(answer.body) as { status?: { conditions?: { type: string; status: string }[] } }
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

export async function everyProcessRuns(layout: Layout): Promise<boolean> {
  const running = await Promise.all(clusterProcesses.map((name) => daemonRuns(layout.state, name)))
  return running.every(Boolean)
}

async function get(layout: Layout, path: string) {
  const pki = join(layout.state, 'kubernetes', 'pki')
  const [ca, tokens] = await Promise.all([readFile(join(pki, 'lab.crt')), readFile(join(pki, 'tokens.csv'), 'utf8')]).catch(() => [])
  if (!ca || !tokens) return undefined
  const { hostname, port } = new URL(serverOf(layout))
  return await askTls({ host: hostname, port, path, ca, headers: { authorization: `Bearer ${tokens.split(',')[0]}` } })
}
