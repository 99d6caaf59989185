import { join } from 'node:path'

/** Where the worker keeps what it knows of a project's repository. The project's name is safe: the estate's schema says so. */
export type GitPaths = {
  readonly root: string
  /** Git's "global" configuration for everything that runs here. */
  readonly config: string
  /** The bare mirror. */
  readonly mirror: string
  /** The listings that cursors name. */
  readonly listings: string
  /** Checkouts and other folders that live as long as one piece of work. */
  readonly work: string
  /** known_hosts files made from pinned fingerprints. */
  readonly hostKeys: string
}

export function gitPaths(stateFolder: string, project: string): GitPaths {
  const root = gitRoot(stateFolder)
  const own = join(root, project)
  return {
    root,
    config: join(root, 'gitconfig'),
    mirror: join(root, `${project}.git`),
    listings: join(own, 'listings'),
    work: join(own, 'work'),
    hostKeys: join(own, 'host-keys'),
  }
}

export function gitRoot(stateFolder: string): string {
  return join(stateFolder, 'git')
}
