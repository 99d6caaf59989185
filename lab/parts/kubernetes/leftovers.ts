import { readdir, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../../layout.ts'
import { removeCgroup } from '../../machine/cgroups.ts'
import { endShims } from '../../machine/containerd.ts'
import { unmountBelow } from '../../machine/mounts.ts'
import { cniName, nodeFolders } from './config.ts'

/** What a node leaves behind when its kubelet and containerd end: pods that go on, mounts, and files outside its folders. */
export async function removeNodeLeftovers(layout: Layout): Promise<void> {
  const folders = nodeFolders(layout)
  await removeCgroup(layout.cgroups.pods)
  await endShims(folders.containerdSocket)
  await unmountBelow([folders.kubelet, folders.containerdState, folders.containerdRoot])
  // No sandbox lives any more, so no address is held and no result of the network plugin counts.
  await rm(folders.cniAddresses, { recursive: true, force: true })
  await rm(folders.containerdState, { recursive: true, force: true })
  await removeNetworkResults(cniName(layout))
  await removeFiles('/var/log/containers', async (name) => (await readlink(join('/var/log/containers', name))).startsWith(folders.podLogs))
}

/** The network plugins note each sandbox twice: under the network's name, and for its loopback under its id alone. */
async function removeNetworkResults(network: string): Promise<void> {
  const folder = '/var/lib/cni/results'
  const mine = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${network}-`))
  const sandboxes = mine.map((name) => name.slice(network.length + 1).replace(/-eth0$/, ''))
  for (const name of [...mine, ...sandboxes.map((id) => `cni-loopback-${id}-lo`)]) await rm(join(folder, name), { force: true })
}

async function removeFiles(folder: string, mine: (name: string) => Promise<boolean>): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (await mine(name).catch(() => false)) await rm(join(folder, name), { force: true })
  }
}
