import type { Layout } from '../../layout.ts'

const apiPort = 6443

/** Kubernetes' own default: the node has an address of its own, so labs may use the same ports. */
export const nodePorts = { from: 30_000, to: 32_767 }

export function serverOf(layout: Layout): string {
  return `https://${layout.network.node.address}:${apiPort}`
}
