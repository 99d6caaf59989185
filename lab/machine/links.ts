import { readdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { run, succeeds } from './run.ts'

/** A bridge of the lab's own with an address, up. */
export async function ensureBridge(name: string, addressWithPrefix: string): Promise<void> {
  if (!(await linkExists(name))) await run(['ip', 'link', 'add', name, 'type', 'bridge'])
  // One that a killed lab left behind may have another slot's address.
  else if (!hasOnly(name, addressWithPrefix)) await run(['ip', 'addr', 'flush', 'dev', name])
  await run(['ip', 'addr', 'replace', addressWithPrefix, 'dev', name])
  await run(['ip', 'link', 'set', name, 'up'])
}

function hasOnly(name: string, addressWithPrefix: string): boolean {
  const addresses = (networkInterfaces()[name] ?? []).filter(({ family }) => family === 'IPv4')
  return addresses.every(({ cidr }) => cidr === addressWithPrefix)
}

export async function removeLink(name: string): Promise<void> {
  if (await linkExists(name)) await succeeds(['ip', 'link', 'delete', name])
}

export async function linkExists(name: string): Promise<boolean> {
  return (await readdir('/sys/class/net')).includes(name)
}

/** The engine's networks get bridges called br-<id>: the lab's are those that have an address of the lab's. */
export async function removeBridgesWithin(subnet: string): Promise<void> {
  const prefix = `${subnet.split('.').slice(0, 2).join('.')}.`
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (name.startsWith('br-') && addresses?.some(({ address }) => address.startsWith(prefix))) await removeLink(name)
  }
}
