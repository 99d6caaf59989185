import { ensureBuilt } from './build.ts'
import { cacheFolder } from './cache.ts'
import { compose } from './go-programs.ts'
import { streamLog } from './log.ts'

/**
 * The path of docker compose v2 or later as a plugin of the Docker CLI, which Debian 12 does not have: the one that
 * SLIPWAY_TEST_COMPOSE_PLUGIN names, or one that is built once per machine.
 */
export async function composePlugin(environment: NodeJS.ProcessEnv): Promise<string> {
  return (
    environment['SLIPWAY_TEST_COMPOSE_PLUGIN'] ||
    (await ensureBuilt(compose, cacheFolder(environment), environment, streamLog(process.stderr)))
  )
}
