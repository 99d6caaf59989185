import { existsSync } from 'node:fs'
import type { Layout } from '../../layout.ts'
import { linkExists, removeLink } from '../../machine/links.ts'
import { run, succeeds } from '../../machine/run.ts'

/**
 * The node's own network: a namespace that a pair of interfaces joins to the machine. Two labs' kube-proxies would
 * otherwise rewrite the same firewall chains, and every port of Kubernetes would have to differ.
 */
export async function ensureNodeNetwork({ network: { node } }: Layout): Promise<void> {
  if (!existsSync(`/run/netns/${node.namespace}`)) await run(['ip', 'netns', 'add', node.namespace])
  const inside = (...argv: string[]) => run(['ip', '-n', node.namespace, ...argv])
  await inside('link', 'set', 'lo', 'up')
  if (!(await linkExists(node.hostInterface))) {
    await run(['ip', 'link', 'add', node.hostInterface, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node.namespace])
  }
  await run(['ip', 'addr', 'replace', `${node.hostAddress}/${node.prefix}`, 'dev', node.hostInterface])
  await run(['ip', 'link', 'set', node.hostInterface, 'up'])
  await inside('addr', 'replace', `${node.address}/${node.prefix}`, 'dev', 'eth0')
  await inside('link', 'set', 'eth0', 'up')
  await inside('route', 'replace', 'default', 'via', node.hostAddress)
  await run(['nsenter', `--net=/run/netns/${node.namespace}`, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'])
}

export async function removeNodeNetwork({ network: { node } }: Layout): Promise<void> {
  await removeLink(node.hostInterface)
  if (existsSync(`/run/netns/${node.namespace}`)) await succeeds(['ip', 'netns', 'delete', node.namespace])
}
