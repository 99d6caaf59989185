import type { Revision } from '../../domain/revision.ts'
import { pushRef } from './commands.ts'
import type { GitMirror } from './open-mirror.ts'
import { plainWords } from './plain-words.ts'
import { judgePush, parsePush, type PushEnd } from './push-report.ts'
import { redact } from './remote.ts'

export type Pushed = {
  readonly end: PushEnd
  /** What the remote and git said, for people: neither secrets nor the remote's address. */
  readonly words: string
  /** git's own words, for `gitFailure`; as clean. */
  readonly stderr: string
}

/** Pushes one object to one ref of the remote, which has to be where it is expected: at a commit, or not there (null). */
export async function push(
  ref: string,
  object: string,
  expected: Revision | null,
  mirror: GitMirror,
  signal: AbortSignal,
): Promise<Pushed> {
  let clean = (text: string) => text
  const outcome = await mirror.atRemote((remote) => {
    clean = (text) => redact(text, remote.secrets).replaceAll(remote.url, 'the remote')
    return pushRef(mirror.paths.mirror, remote.url, ref, object, expected)
  }, signal)
  const stderr = clean(outcome.stderr)
  const report = parsePush(outcome.stdout.toString('utf8'), ref)
  const words = plainWords(`${clean(report?.reason ?? '')}\n${stderr}`)
  return { end: judgePush(outcome.exitCode, report, `${report?.reason ?? ''}\n${stderr}`), words, stderr }
}
