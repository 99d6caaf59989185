import { posix } from 'node:path'

/** The project name that compose takes from a folder. */
export function folderProject(directory: string): string {
  return posix
    .basename(posix.normalize(`${directory}/`))
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
}
