/** What `git push --porcelain` says of one ref: `*` new, `=` was there already, `!` rejected, and others. */
export type PushReport = { readonly flag: string; readonly reason: string }

/**
 * How a push ended. 'there': the remote had it already. 'moved': the ref is not where it was expected. 'refused': the remote
 * lets nobody do this, or not Slipway. 'busy': it could not, this time. 'failed': nothing is known of the ref.
 */
export type PushEnd = 'done' | 'there' | 'moved' | 'refused' | 'busy' | 'failed'

export function parsePush(output: string, ref: string): PushReport | null {
  for (const line of output.split('\n')) {
    const [flag, names, ...summary] = line.split('\t')
    if (flag?.length === 1 && names?.endsWith(`:${ref}`)) return { flag, reason: summary.join(' ') }
  }
  return null
}

/** By git itself, before anything is sent, or by a remote that looks once more. */
const MOVED = /^\[(?:remote )?rejected\] \((?:fetch first|non-fast-forward|stale info|remote ref updated since checkout)/
/** By the remote, where another push came first. */
const OVERTAKEN = /but expected [0-9a-f]{40}|incorrect old value|reference already exists/
/** A branch `a` leaves no room for `a/b`. */
const IN_THE_WAY = /exists; cannot create/
const BUSY =
  /cannot lock ref|failed to update ref|unpacker error|No space left|Disk quota|\.lock'|internal (?:server|api)|API (?:is )?(?:not accessible|unreachable)|timed? ?out|maintenance mode/i

/** @param words the reason and what git said with it; a hook's own words come there, too */
export function judgePush(exitCode: number, report: PushReport | null, words: string): PushEnd {
  if (report === null) return 'failed'
  if (report.flag !== '!') return exitCode !== 0 ? 'failed' : report.flag === '=' ? 'there' : 'done'
  if (MOVED.test(report.reason)) return 'moved'
  if (!report.reason.startsWith('[remote rejected]')) return 'failed'
  if (IN_THE_WAY.test(words)) return 'refused'
  if (OVERTAKEN.test(words)) return 'moved'
  return BUSY.test(words) ? 'busy' : 'refused'
}
