import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { postToEngine } from '../machine/engine-api.ts'
import { ask } from '../machine/probe.ts'
import { busybox } from '../machine/programs.ts'
import { run } from '../machine/run.ts'
import { engineSocket } from './engine.ts'
import { registryAddress } from './registry.ts'

/** Base images for machines that can pull none: made of Debian's static busybox, under the lab's registry. */
export const images: Part = {
  name: 'images',
  needs: ['engine', 'registry'],
  programs: () => ['static busybox'],
  answers: async ({ layout }) => {
    const present = await Promise.all(baseImages.map(({ name }) => isInRegistry(layout, name)))
    return present.every(Boolean)
  },
  start: async ({ layout, choices }) => {
    const folder = join(layout.state, 'images')
    const archive = await rootFileSystem(folder)
    for (const { name, changes } of baseImages) {
      await importAndPush(engineSocket(layout, choices), archive, `${registryAddress(layout)}/lab/${name}`, changes)
    }
    await rm(folder, { recursive: true })
  },
  stop: async ({ layout, choices }) => {
    // An engine that was there before gets back the state it had.
    if (choices.engine.kind === 'own') return
    const { socket: socketPath } = choices.engine
    await Promise.all(baseImages.map(({ name }) => ask({ socketPath, method: 'DELETE', path: `/images/${imageOf(layout, name)}` })))
  },
  daemons: () => [],
  address: ({ layout }) => imageOf(layout, 'busybox'),
}

type BaseImage = { name: 'busybox' | 'pause'; changes: readonly string[] }

const tag = '1'

const baseImages: readonly BaseImage[] = [
  { name: 'busybox', changes: ['CMD ["/bin/sh"]'] },
  // As process 1 it must act on SIGTERM itself, or every pod would take its whole grace period to go.
  { name: 'pause', changes: ['ENTRYPOINT ["/bin/sh", "-c", "trap \'exit 0\' TERM INT; while :; do sleep 86400 & wait $!; done"]'] },
]

export function imageOf(layout: Layout, name: BaseImage['name']): string {
  return `${registryAddress(layout)}/lab/${name}:${tag}`
}

async function isInRegistry(layout: Layout, name: string): Promise<boolean> {
  const accept = 'application/vnd.docker.distribution.manifest.v2+json'
  const path = `/v2/lab/${name}/manifests/${tag}`
  return (await ask({ host: '127.0.0.1', port: layout.ports.registry, method: 'HEAD', path, headers: { accept } }))?.status === 200
}

/** A tar archive with busybox under every name it answers to. */
async function rootFileSystem(folder: string): Promise<string> {
  const root = join(folder, 'root')
  await rm(folder, { recursive: true, force: true })
  for (const one of ['bin', 'etc', 'home', 'root', 'tmp', 'var/www', 'proc', 'sys', 'dev'])
    await mkdir(join(root, one), { recursive: true })
  await copyFile(busybox, join(root, 'bin', 'busybox'))
  const applets = (await run([busybox, '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox')
  await Promise.all(applets.map((name) => symlink('busybox', join(root, 'bin', name))))
  await writeFile(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n')
  await writeFile(join(root, 'etc', 'group'), 'root:x:0:\nnogroup:x:65534:\n')
  const archive = join(folder, 'root.tar')
  await run(['tar', '-C', root, '--owner=0', '--group=0', '--mode=u+rwX,go+rX', '-cf', archive, '.'])
  return archive
}

async function importAndPush(socketPath: string, archive: string, repository: string, changes: readonly string[]): Promise<void> {
  const query = new URLSearchParams({ fromSrc: '-', repo: repository, tag })
  for (const change of ['ENV PATH=/bin', ...changes]) query.append('changes', change)
  await postToEngine(socketPath, `/images/create?${query.toString()}`, { file: archive })
  await postToEngine(socketPath, `/images/${repository}/push?tag=${tag}`, { headers: { 'x-registry-auth': 'e30=' } }).catch(
    (error: Error) => {
      throw new Error(
        `the engine at ${socketPath} cannot push to the lab's registry (${error.message}); "npm run lab -- reset", then "npm run lab -- up --own" uses an engine of the lab's own`,
      )
    },
  )
}
