import type { ApplicationFailure } from '@temporalio/common'
import type { PermanentFailure } from '../contract.ts'
import { permanent, transient } from '../failure.ts'
import { plainWords } from './plain-words.ts'

export const DISK_FULL = 'the disk is full. Free space there; `slipway clean` removes what Slipway left behind.'

/** What went wrong, as git and ssh say it in English (LC_ALL=C). The first that fits counts. */
export type GitTrouble = 'diskFull' | 'hostKey' | 'login' | 'notFound' | 'gone' | 'locked' | 'away' | 'unknown'

const SIGNS: readonly (readonly [GitTrouble, RegExp])[] = [
  ['diskFull', /No space left on device|Disk quota exceeded/],
  ['hostKey', /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No \S+ host key is known for/],
  ['away', /Could not resolve host|Name or service not known|Temporary failure in name resolution|timed out|Operation too slow/i],
  ['away', /Connection (?:refused|reset)|Network is unreachable|No route to host|returned error: (?:408|429|5\d\d)/i],
  ['login', /Authentication failed|Permission denied \(|could not read (?:Username|Password)|returned error: 40[13]/i],
  ['login', /Access denied|Invalid username or (?:password|token)|not allowed to (?:push|upload|download)|deploy key/i],
  ['login', /Load key .*(?:invalid format|Permission denied|No such file|incorrect passphrase|bad permissions)|UNPROTECTED PRIVATE KEY/i],
  ['gone', /not our ref|unadvertised object|couldn't find remote ref|did not send all necessary objects/i],
  ['notFound', /repository .*not found|does not appear to be a git repository|returned error: 404|Repository not found/i],
  ['notFound', /could not be found or you don't have permission/i],
  ['locked', /cannot lock ref|Unable to create '.*\.lock'|File exists/],
  ['away', /early EOF|hung up unexpectedly|Connection closed|Could not read from remote repository|unable to access/i],
]

export function troubleOf(stderr: string): GitTrouble {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? 'unknown'
}

const MEANING: Readonly<Record<GitTrouble, { readonly type: PermanentFailure | null; readonly why: string }>> = {
  diskFull: { type: null, why: DISK_FULL },
  hostKey: { type: 'Refused', why: "the host's key is not the one that the estate knows. Check hostKey of the repository." },
  login: { type: 'Refused', why: 'the login was refused. Check login of the repository in the estate.' },
  notFound: {
    type: 'NotFound',
    why: 'there is no such repository, or this login may not see it. Check url of the repository in the estate.',
  },
  gone: { type: null, why: 'the remote changed meanwhile; it is looked at again.' },
  locked: { type: null, why: 'another process holds a lock in the mirror; it is tried again.' },
  away: { type: null, why: 'the remote does not answer as it should; it is tried again.' },
  unknown: { type: null, why: 'git ended with an error; it is tried again.' },
}

/**
 * The failure for a git that ended with an error.
 *
 * @param doing what was tried, to follow "could not", such as `list the refs of https://…`
 * @param stderr git's words, secrets already taken out
 */
export function gitFailure(doing: string, stderr: string): ApplicationFailure {
  const words = plainWords(stderr)
  const { type, why } = MEANING[troubleOf(stderr)]
  const message = `Slipway could not ${doing}: ${why}${words === '' ? '' : ` It said: ${words}`}`
  return type === null ? transient(message) : permanent(type, message)
}
