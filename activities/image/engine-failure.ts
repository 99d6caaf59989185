import { ApplicationFailure } from '@temporalio/common'
import { permanent, transient } from '../failure.ts'
import { shownLine } from './build-log.ts'

/** What an engine's words about a build, a pull or a push come to. */
export type EngineTrouble = 'disk' | 'login' | 'plain-http' | 'network' | 'missing' | 'other'

/** The engine only has words: these are what docker's own code says. */
export function judgeEngineWords(words: string): EngineTrouble {
  if (/no space left on device|ENOSPC|disk quota exceeded/i.test(words)) return 'disk'
  if (/server gave HTTP response to HTTPS client/i.test(words)) return 'plain-http'
  if (/\bmanifest unknown\b|manifest for .* not found|repository .* not found|pull access denied/i.test(words)) return 'missing'
  if (/unauthorized|authentication required|no basic auth credentials|access denied|\bdenied:|incorrect username or password/i.test(words))
    return 'login'
  if (
    /dial tcp|i\/o timeout|TLS handshake|connection re(fused|set)|no such host|server misbehaving|request canceled|Client\.Timeout|unexpected EOF|\bEOF$|toomanyrequests|received unexpected HTTP status: 5\d\d|\b50[234] \w+|network is unreachable|context deadline exceeded/i.test(
      words,
    )
  ) {
    return 'network'
  }
  return 'other'
}

export const DISK_FULL = 'Free space there, for example by "slipway clean"; it goes on by itself.'

/** True when the engine did not answer at all. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || 'statusCode' in error) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(ECONN(REFUSED|RESET|ABORTED)|ENOENT|EACCES|EPERM|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/.test(code) ||
    /socket hang up|aborted/.test(error.message)
  )
}

export type FailedCall = {
  /** Such as `build the image of api`. */
  readonly doing: string
  readonly engineName: string
  readonly registry: string
  readonly signal: AbortSignal
}

/** The failure for an engine call that threw, or whose answer broke off. What is a failure already stays as it is. */
export function engineFailure(error: unknown, { doing, engineName, registry, signal }: FailedCall): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof ApplicationFailure || !(error instanceof Error)) return error
  if (isAway(error)) return transient(`the Docker engine at ${engineName} is not reachable, asked to ${doing}: ${shownLine(error.message)}`)
  return (
    wordsFailure(shownLine(error.message), doing, registry) ??
    transient(`the Docker engine at ${engineName} failed to ${doing}: ${shownLine(error.message)}`)
  )
}

/** The failure for words of the engine whose reason lies outside the team's files; null when it may lie in them. */
export function wordsFailure(words: string, doing: string, registry: string): ApplicationFailure | null {
  const said = shownLine(words)
  switch (judgeEngineWords(words)) {
    case 'disk':
      return transient(`no space is left to ${doing}: ${said}. ${DISK_FULL}`)
    case 'login':
      return permanent('Refused', `the registry refused the engine, asked to ${doing}: ${said}. Check registry.credentials in estate.yaml.`)
    case 'plain-http':
      return permanent(
        'InvalidConfiguration',
        `the Docker engine expects HTTPS where ${registry} talks HTTP, asked to ${doing}. Add "${registry}" to "insecure-registries" of the engine's daemon.json.`,
      )
    case 'network':
      return transient(`a registry was not reachable for the engine, asked to ${doing}: ${said}`)
    case 'missing':
    case 'other':
      return null
    default:
      return null
  }
}
