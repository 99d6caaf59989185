import type { Revision } from '../../domain/revision.ts'
import type { Commit } from '../contract.ts'
import { commitsAfter, countDifference } from './commands.ts'
import type { GitMirror } from './open-mirror.ts'
import { plainWords } from './plain-words.ts'

type Input = { readonly project: string; readonly from: Revision; readonly to: Revision }

const MOST = 20

/** What `to` has and `from` has not. Subjects and names are somebody's words: cleaned and cut before anybody sees them. */
export async function listCommits(
  { from, to }: Input,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<{ commits: readonly Commit[]; total: number }> {
  await mirror.ensure(from, signal)
  await mirror.ensure(to, signal)
  const [log, count] = await Promise.all([
    mirror.git(commitsAfter(mirror.paths.mirror, from, to, MOST), 'read commits', signal),
    mirror.git(countDifference(mirror.paths.mirror, to, from), 'count commits', signal),
  ])
  const fields = log.stdout.toString('utf8').split('\0')
  const commits: Commit[] = []
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [revision = '', author = '', subject = ''] = fields.slice(at, at + 3)
    commits.push({ revision: revision.trim(), subject: plainWords(subject), author: plainWords(author) })
  }
  return { commits, total: Number(count.stdout.toString('utf8').split('\t')[0]) }
}
