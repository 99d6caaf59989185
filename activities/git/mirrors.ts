import { openMirror, type GitMirror, type MirrorDeps } from './open-mirror.ts'

/** One mirror for each project, opened when it is first asked for. */
export function createMirrors(deps: MirrorDeps): (project: string) => GitMirror {
  const mirrors = new Map<string, GitMirror>()
  return (project) => {
    const known = mirrors.get(project)
    if (known) return known
    const mirror = openMirror(deps, project)
    mirrors.set(project, mirror)
    return mirror
  }
}
