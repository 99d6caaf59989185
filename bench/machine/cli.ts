import { join } from 'node:path'
import { execa } from 'execa'
import type { BenchProject } from '../project/create.ts'

type Place = { readonly packageFolder: string; readonly folder: string; readonly address: string; readonly project: BenchProject }

export type Cli = (...args: string[]) => Promise<string>

/** The packaged `slipway` as a person runs it in her clone: a process for each command, its compiled code kept. */
export function openCli({ packageFolder, folder, address, project }: Place): Cli {
  return async (...args) => {
    const { stdout } = await execa(process.execPath, [join(packageFolder, 'bin', 'slipway.js'), ...args], {
      cwd: project.folder,
      env: {
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: 'default',
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
        SLIPWAY_CONFIG: join(project.folder, 'slipway.yaml'),
      },
    })
    return stdout
  }
}
