import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { usage } from './exit.ts'
import type { Io } from './io.ts'

/** The estate.yaml for a worker, as an absolute path; it must be there, its content the worker judges. */
export async function estateFile(io: Pick<Io, 'cwd' | 'env'>, named: string | undefined): Promise<string> {
  const file = resolve(io.cwd, named ?? io.env['SLIPWAY_ESTATE'] ?? 'estate.yaml')
  try {
    await access(file)
    return file
  } catch {
    throw usage(`there is no ${file}; name the worker's estate with --estate FILE or SLIPWAY_ESTATE`, ['slipway init'])
  }
}
