import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttemptContext } from '../../../activities/context.ts'
import type { ImageDeps } from '../../../activities/image/workshop.ts'
import type { Mirror } from '../../../activities/git/mirror.ts'
import { createRegistry } from '../../../activities/registry/client.ts'
import { createStore } from '../../../activities/store/create.ts'
import { estateSchema } from '../../../config/estate-schema.ts'

export type Bench = { deps: ImageDeps; lines: string[]; abort: (reason?: Error) => void; stateFolder: string; remove: () => Promise<void> }

/** What the activities need, for one project `website` on the given engine and registry. */
export async function bench(options: {
  dockerHost: string
  registry: string
  mirror: Mirror
  base?: string
  environment?: Record<string, string>
}): Promise<Bench> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'slipway-test-state-'))
  const file = estateSchema.parse({
    registry: { address: options.registry, plainHttp: true },
    engine: { dockerHost: options.dockerHost },
    store: { folder: join(stateFolder, 'store') },
    projects: {
      website: { repository: { url: '/nowhere' }, buildArgs: options.base ? { BASE: options.base } : {}, environments: {} },
      // What another project has for itself.
      shop: { repository: { url: '/nowhere' }, images: ['shop'], environments: {} },
    },
  })
  const environment = { PATH: process.env['PATH'], ...options.environment }
  const registry = createRegistry(file.registry, { environment, readFile: async () => '' })
  const lines: string[] = []
  const controller = new AbortController()
  const attempt: AttemptContext = { signal: controller.signal, heartbeat: ({ line }) => void lines.push(line) }
  return {
    deps: {
      estate: { file, hash: '0'.repeat(64) },
      stateFolder,
      environment,
      attempt: () => attempt,
      mirrors: () => options.mirror,
      registry,
      store: createStore(file, registry),
    },
    lines,
    abort: (reason) => controller.abort(reason),
    stateFolder,
    remove: async () => await rm(stateFolder, { recursive: true, force: true }),
  }
}
