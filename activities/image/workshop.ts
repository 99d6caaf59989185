import type Docker from 'dockerode'
import type { ActivityDeps } from '../context.ts'
import type { Mirror } from '../git/mirror.ts'
import type { Registry } from '../registry/client.ts'
import type { Store } from '../store/store.ts'
import { createBaseResolver, type BaseResolver } from './base-images.ts'
import { createEngine, describeEngine, engineAddress } from './engine.ts'

export type ImageDeps = ActivityDeps & {
  readonly mirrors: (project: string) => Mirror
  readonly store: Store
  readonly registry: Registry
}

/** What the image activities share: the dependencies, with a client of the engine. */
export type Workshop = ImageDeps & { readonly engine: Docker; readonly engineName: string; readonly resolveBase: BaseResolver }

export function openWorkshop(deps: ImageDeps): Workshop {
  const address = engineAddress(deps.estate.file.engine.dockerHost, deps.environment)
  const engine = createEngine(address, deps.environment)
  const engineName = describeEngine(address)
  return { ...deps, engine, engineName, resolveBase: createBaseResolver({ engine, engineName, registry: deps.registry }) }
}
