import { BlockList, isIPv6 } from 'node:net'

/**
 * What the internet does not route, or what stands for an address of IPv4 within one of IPv6 (RFC 6890 and its registries):
 * this machine, its network, a cloud's metadata. One cloud has that at an address that looks public.
 */
const IPV4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // The metadata of Azure: an address like any other, which leads inside from every machine there.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

const PUBLIC_IPV6 = ['2000::', 3] as const

const IPV6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const closed = new BlockList()
for (const [network, bits] of IPV4) closed.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of IPV6) closed.addSubnet(network, bits, 'ipv6')
const open = new BlockList()
open.addSubnet(...PUBLIC_IPV6, 'ipv6')

/** True when everybody on the internet reaches the same machine by it. */
export function isPublicAddress(address: string): boolean {
  if (!isIPv6(address)) return !closed.check(address, 'ipv4')
  return open.check(address, 'ipv6') && !closed.check(address, 'ipv6')
}
