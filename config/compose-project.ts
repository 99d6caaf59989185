import { posix } from 'node:path'

/** What of a compose target says which project of its host's engine it is. */
type Named = { readonly directory: string; readonly project?: string | undefined }

/**
 * The compose project of a target: what the estate calls it, or else what compose makes of the folder's name. Compose tells
 * projects apart by this name alone, so it is the operator's word; no file of a repository has a say in it.
 */
export function composeProject({ directory, project }: Named): string {
  return project ?? folderName(directory)
}

function folderName(directory: string): string {
  return posix
    .basename(posix.normalize(`${directory}/`))
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
}
