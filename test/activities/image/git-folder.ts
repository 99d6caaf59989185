import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Mirror } from '../../../activities/git/mirror.ts'

const run = promisify(execFile)

export type GitFolder = {
  folder: string
  commit: (files: Record<string, string | { link: string } | null>) => Promise<string>
  mirror: Mirror
  remove: () => Promise<void>
}

/** A real repository in a folder of its own, with a mirror's reading side. */
export async function gitFolder(): Promise<GitFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-git-'))
  const work = join(folder, 'work')
  const git = async (...args: string[]) => (await run('git', ['-C', work, ...args], { encoding: 'buffer', maxBuffer: 1e8 })).stdout
  await mkdir(work)
  await git('init', '-q', '-b', 'develop')
  let checkouts = 0
  return {
    folder,
    commit: async (files) => {
      for (const [path, content] of Object.entries(files)) {
        await rm(join(work, path), { force: true, recursive: true })
        if (content === null) continue
        await mkdir(dirname(join(work, path)), { recursive: true })
        if (typeof content === 'string') await writeFile(join(work, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
        else await symlink(content.link, join(work, path))
      }
      await git('add', '-A')
      await git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '--allow-empty', '-m', 'change')
      return (await git('rev-parse', 'HEAD')).toString().trim()
    },
    mirror: {
      ensure: async () => {},
      readFile: async (revision, path) => await git('cat-file', 'blob', `${revision}:${path}`).catch(() => null),
      objectId: async (revision, path) =>
        await git('rev-parse', '--verify', '-q', path === '.' ? `${revision}^{tree}` : `${revision}:${path}`).then(
          (id) => id.toString().trim(),
          () => null,
        ),
      checkout: async (revision) => {
        const target = join(folder, `checkout-${checkouts++}`)
        await git('worktree', 'add', '-q', '--detach', target, revision)
        return { folder: target, release: async () => void (await git('worktree', 'remove', '--force', target)) }
      },
    },
    remove: async () => await rm(folder, { recursive: true, force: true }),
  }
}
