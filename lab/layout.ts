import { createHash } from 'node:crypto'
import { join } from 'node:path'

/**
 * Where everything of one lab lies. All of it follows from the checkout (its id) and from the slot that the checkout
 * holds on this machine, so that two checkouts never share a port, an address, a folder, a cgroup or a user.
 */
export type Layout = {
  checkout: string
  id: string
  slot: number
  /** The lab's state: git-ignored, inside the checkout. */
  state: string
  /** Unix sockets: apart from the state, because a socket's path may not be longer than 107 characters. */
  sockets: string
  /** What the ssh user must reach: apart from the state, because a checkout may lie below a closed home folder. */
  shared: string
  bin: string
  user: string
  cgroups: { engine: string; pods: string }
  ports: Ports
  network: Network
}

export type PortRange = { from: number; to: number }

type Ports = {
  registry: number
  ssh: number
  temporal: number
  temporalUi: number
  temporalHttp: number
  temporalMetrics: number
  forge: number
  /** Free for what the lab's user publishes on the engine. */
  published: PortRange
}

type Network = {
  /** All addresses of this lab. */
  subnet: string
  engine: { bridge: string; address: string }
  /** Compose projects get their networks from here. */
  enginePool: { base: string; size: number }
  /** The cluster's node stands in a network namespace of its own, reached over a pair of interfaces. */
  node: { namespace: string; hostInterface: string; hostAddress: string; address: string; prefix: number }
  pods: string
  services: string
  firstService: string
}

export const slotCount = 64

const firstPort = 20_000
const portsPerSlot = 64
const firstSecondOctet = 192

/** Six hex digits that name a checkout on this machine; `checkout` is its real path. */
export function labId(checkout: string): string {
  return createHash('sha256').update(checkout).digest('hex').slice(0, 6)
}

export function layoutOf(checkout: string, slot: number): Layout {
  const id = labId(checkout)
  return {
    checkout,
    id,
    slot,
    state: stateFolder(checkout),
    sockets: `/run/slipway-lab-${id}`,
    shared: `/var/lib/slipway-lab-${id}`,
    bin: `/var/lib/slipway-lab-${id}/bin`,
    user: `slip-${id}`,
    cgroups: { engine: `slipway-lab-${id}`, pods: `slipway-pods-${id}` },
    ports: portsOf(slot),
    network: networkOf(id, slot),
  }
}

export function stateFolder(checkout: string): string {
  return join(checkout, '.lab')
}

/** Below 32768, where the kernel picks the ports of outgoing connections. */
function portsOf(slot: number): Ports {
  const base = firstPort + slot * portsPerSlot
  return {
    registry: base,
    ssh: base + 1,
    temporal: base + 2,
    temporalUi: base + 3,
    temporalHttp: base + 4,
    temporalMetrics: base + 5,
    forge: base + 6,
    published: { from: base + 16, to: base + portsPerSlot - 1 },
  }
}

function networkOf(id: string, slot: number): Network {
  const net = `10.${firstSecondOctet + slot}`
  return {
    subnet: `${net}.0.0/16`,
    engine: { bridge: `slipd-${id}`, address: `${net}.0.1/24` },
    enginePool: { base: `${net}.64.0/18`, size: 24 },
    node: {
      namespace: `slipway-lab-${id}`,
      hostInterface: `slipn-${id}`,
      hostAddress: `${net}.3.1`,
      address: `${net}.3.2`,
      prefix: 24,
    },
    pods: `${net}.1.0/24`,
    services: `${net}.2.0/24`,
    firstService: `${net}.2.1`,
  }
}

/** The ports that must be free, or the lab's own, before this slot can be used. */
export function fixedPorts(ports: Ports): number[] {
  const { published: _free, ...single } = ports
  return Object.values(single)
}
