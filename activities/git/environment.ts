import { dirname } from 'node:path'

/** The variables of the worker that git may see: programs, proxies and certificates, and nothing that steers git itself. */
const PASSED_ON = [
  'PATH',
  'TMPDIR',
  'HTTPS_PROXY',
  'https_proxy',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
] as const

/**
 * The environment of every git that Slipway runs, made from nothing: no configuration of the machine or of a user, no
 * prompt, English words, no transport but those allowed.
 */
export function gitEnvironment(from: {
  readonly worker: Readonly<Record<string, string | undefined>>
  /** Slipway's own folder for git, which stands for a home and holds `gitconfig`. */
  readonly home: string
  readonly config: string
  readonly protocols?: readonly string[]
}): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (from.worker[name] === undefined ? [] : [[name, from.worker[name]] as const]))
  return {
    ...Object.fromEntries(passed),
    HOME: from.home,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: from.config,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_ALLOW_PROTOCOL: (from.protocols ?? []).join(':'),
    // A worker's folder may lie inside somebody's checkout, which is not meant.
    GIT_CEILING_DIRECTORIES: dirname(from.home),
  }
}

/** Configuration by environment variables, which only this git and not a remote's own side on this machine follows. */
export function configVariables(entries: readonly (readonly [key: string, value: string])[]): Record<string, string> {
  if (entries.length === 0) return {}
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(entries.length)],
    ...entries.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ])
}

/**
 * Stands where a user's ~/.gitconfig would. The git on the other side of a local remote reads it too: a repository that
 * belongs to another user is the operator's choice (the estate names it), and its hooks have to run.
 */
export const GLOBAL_CONFIG = `[safe]
\tdirectory = *
[protocol "ext"]
\tallow = never
[http]
\tlowSpeedLimit = 1000
\tlowSpeedTime = 30
[core]
\tfsmonitor = false
[submodule]
\trecurse = false
`

/**
 * The mirror's own configuration, after what `git init` wrote. A fetch always keeps its pack, so that a commit is there
 * with all that belongs to it or not at all, even when a fetch is killed half-way.
 */
export const MIRROR_CONFIG = `[core]
\thooksPath = /dev/null
\tlogAllRefUpdates = false
\tautocrlf = false
[fetch]
\tunpackLimit = 1
[gc]
\tauto = 6700
\tautoPackLimit = 100
\tpruneExpire = 2.weeks.ago
\tautoDetach = true
`
