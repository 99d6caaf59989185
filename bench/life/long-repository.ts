import { rm } from 'node:fs/promises'
import type { LabEnv } from '../../lab/env.ts'
import { run } from '../../lab/machine/run.ts'
import { createRemote } from '../../lab/remote.ts'

/** How long and how wide the repository is. */
export const LONG = { commits: 10_000, releaseCommits: 100, files: 2000 } as const

export type LongRepository = {
  readonly url: string
  /** The revision that was released. */
  readonly release: string
  /** Develop and master as they were before the merge; develop with a commit that is another in every round. @returns develop's tip */
  readonly reset: (round: number) => Promise<string>
  readonly remove: () => Promise<void>
}

/** A bare remote with a long develop, a release branch that left it a while ago, and a master that has the release before. */
export async function createLongRepository(env: LabEnv, name: string, signal: AbortSignal): Promise<LongRepository> {
  const remove = (folder: string) => rm(folder, { recursive: true, force: true })
  await remove(`${env.git.folder}/${name}.git`)
  const { url, folder } = await createRemote(env, name)
  const identity = ['-c', 'user.name=Dana Developer', '-c', 'user.email=dana@example.com']
  const git = (args: readonly string[], input = '') => run(['git', ...identity, '-C', folder, ...args], { input })
  await git(['fast-import', '--quiet'], longHistory())
  signal.throwIfAborted()
  const revision = async (what: string) => (await git(['rev-parse', what])).trim()
  const [develop, master, release] = [await revision('develop'), await revision('master'), await revision('release-1.0.0')]
  return {
    url,
    release,
    reset: async (round) => {
      const [tree, message] = [`${develop}^{tree}`, `Meanwhile, ${round} and ${Date.now()}`]
      const tip = (await git(['commit-tree', '-p', develop, '-m', message, await revision(tree)])).trim()
      await git(['update-ref', 'refs/heads/develop', tip])
      await git(['update-ref', 'refs/heads/master', master])
      return tip
    },
    remove: () => remove(folder),
  }
}

/** For `git fast-import`. The release branch touches files of its own: it merges cleanly. */
export function longHistory({ commits, releaseCommits, files }: { commits: number; releaseCommits: number; files: number } = LONG): string {
  const onDevelop = commits - releaseCommits
  const left = onDevelop - releaseCommits
  const lines = Array.from({ length: commits }, (_, index) => {
    const mark = index + 1
    const isRelease = mark > onDevelop
    const from = mark === onDevelop + 1 ? left : mark - 1
    const path = isRelease ? `release/file${mark % 40}` : `folder${mark % 97}/file${mark % files}`
    const text = `${mark}\nof ${commits}\n`
    return [
      `commit refs/heads/${isRelease ? 'release-1.0.0' : 'develop'}`,
      `mark :${mark}`,
      `committer Dana Developer <dana@example.com> ${1_700_000_000 + mark * 60} +0000`,
      'data 6',
      'Change',
      ...(from === 0 ? [] : [`from :${from}`]),
      `M 100644 inline ${path}`,
      `data ${text.length}`,
      text,
    ].join('\n')
  })
  return `${lines.join('\n')}\nreset refs/heads/master\nfrom :${Math.floor(left * 0.9)}\n`
}
