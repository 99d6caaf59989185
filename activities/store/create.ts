import type { EstateFile } from '../../config/estate-schema.ts'
import type { Registry } from '../registry/client.ts'
import { createFolderStore } from './folder.ts'
import { createRegistryStore } from './registry.ts'
import type { Store } from './store.ts'

/** The store that estate.yaml names. */
export function createStore(estate: Pick<EstateFile, 'store'>, registry: Registry): Store {
  return estate.store === 'registry' ? createRegistryStore(registry) : createFolderStore(estate.store.folder)
}
