import { delimiter, isAbsolute, join } from 'node:path'

/** A program that can render an overlay: kustomize itself, or kubectl, which has it built in. */
export type Renderer = { readonly program: 'kustomize' | 'kubectl'; readonly path: string }

/** Where the programs may lie, best first. Relative parts of a PATH are passed over. */
export function rendererPlaces(searchPath: string): readonly Renderer[] {
  const folders = searchPath.split(delimiter).filter((folder) => isAbsolute(folder))
  return (['kustomize', 'kubectl'] as const).flatMap((program) => folders.map((folder) => ({ program, path: join(folder, program) })))
}

/** Without helm, without exec or container functions, and with files only from below the kustomization that names them. */
export function renderArgv({ program }: Renderer, overlayFolder: string): readonly string[] {
  return [program === 'kustomize' ? 'build' : 'kustomize', '--load-restrictor', 'LoadRestrictionsRootOnly', overlayFolder]
}

/**
 * The whole environment of the child. Nothing of the worker's is in it; there is no git on its PATH, and HTTP goes to a
 * proxy that is not there, so that what an overlay cannot be refused for by its text still fetches nothing.
 */
export function renderEnvironment(emptyFolder: string): Readonly<Record<string, string>> {
  const nowhere = 'http://127.0.0.1:9'
  return {
    HOME: emptyFolder,
    PATH: emptyFolder,
    TMPDIR: emptyFolder,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
  }
}
