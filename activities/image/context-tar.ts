import type { Readable } from 'node:stream'
import { pack } from 'tar-fs'
import type { ContextFiles } from './context-files.ts'

/**
 * The context as a tar: no owner, and modes as git has them, so that whose worker sends it makes no difference and the
 * engine's cache fits. Times stay, for the engine's cache does not look at them, and web servers tell a changed file by them.
 * Links stay links.
 */
export function packContext(files: ContextFiles): Readable {
  const tar = pack(files.folder, {
    entries: [...files.entries],
    // The entries are complete: nothing is to be added by reading folders again.
    ignore: () => true,
    map: (header) => ({ ...header, uid: 0, gid: 0, mode: header.type === 'file' && (header.mode & 0o100) === 0 ? 0o644 : 0o755 }),
  })
  // Its own streams pipe and iterate like Node's; the types know only half of that.
  return tar as unknown as Readable
}
