import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const mountPoint = '/sys/fs/cgroup'

/** The folders of the named cgroup: one in each controller's hierarchy (version 1), or a single one (version 2). */
async function cgroupFolders(name: string): Promise<string[]> {
  if (isUnified()) return [join(mountPoint, name)]
  const hierarchies = await readdir(mountPoint).catch(() => [])
  return hierarchies.map((hierarchy) => join(mountPoint, hierarchy, name))
}

export async function makeCgroup(name: string): Promise<void> {
  if (isUnified()) {
    const controllers = (await readFile(join(mountPoint, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    // Each by itself: one that the kernel will not hand down must not keep the others.
    for (const one of controllers) await writeFile(join(mountPoint, 'cgroup.subtree_control'), `+${one}`).catch(() => undefined)
  }
  for (const folder of await cgroupFolders(name)) await mkdir(folder, { recursive: true })
}

/** Kills whatever still runs in the cgroup and takes it away. */
export async function removeCgroup(name: string): Promise<void> {
  const folders = (await cgroupFolders(name)).filter((folder) => existsSync(folder))
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const pids = (await Promise.all(folders.map(processesBelow))).flat()
    if (pids.length === 0) break
    for (const pid of pids) killQuietly(pid)
    await sleep(50)
  }
  for (const folder of folders) await removeTree(folder)
}

async function processesBelow(folder: string): Promise<number[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => processesBelow(join(folder, entry.name))))
  const own = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
  return [...below.flat(), ...own.split('\n').filter(Boolean).map(Number)]
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  await rmdir(folder).catch(() => undefined)
}

function isUnified(): boolean {
  return existsSync(join(mountPoint, 'cgroup.controllers'))
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was faster.
  }
}
