import type { Finding } from '../contract.ts'
import { createEngine, describeEngine, engineAddress } from '../image/engine.ts'
import type { ImageDeps } from '../image/workshop.ts'
import { finding } from './finding.ts'

/** The engine that builds, and the registry that it pushes to. */
export async function checkBuild(deps: ImageDeps, signal: AbortSignal): Promise<Finding[]> {
  const { file } = deps.estate
  const address = engineAddress(file.engine.dockerHost, deps.environment)
  const engine = createEngine(address, deps.environment)
  return Promise.all([
    finding(`Docker engine ${describeEngine(address)}`, 'start it, or name another by engine.dockerHost in estate.yaml', async () => {
      const version = await engine.version()
      return `answers: ${version.Version} (API ${version.ApiVersion})`
    }),
    finding(`registry ${file.registry.address}`, 'check its address, plainHttp and credentials in estate.yaml', async () => {
      await deps.registry.check(signal)
      return 'answers and takes the login'
    }),
  ])
}
