import { homedir } from 'node:os'
import { join } from 'node:path'

/** What is made once per machine and shared by all checkouts of its user. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'slipway')
}
