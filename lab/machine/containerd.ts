import { endProcess, findProcesses } from './process.ts'

/** Leftover shims of one containerd: each carries the address of the socket that it reports to. */
export async function endShims(socket: string): Promise<void> {
  const shims = await findProcesses((argv) => (argv[0] ?? '').includes('containerd-shim') && argv[argv.indexOf('-address') + 1] === socket)
  await Promise.all(shims.map((shim) => endProcess(shim, 200)))
}

/** Plugins that a lab does not need: each costs time at the start, and some make folders outside the lab's own. */
export const unusedPlugins = [
  'io.containerd.internal.v1.opt',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
]
