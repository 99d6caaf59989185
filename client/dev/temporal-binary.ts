import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { failed } from '../exit.ts'

/** The `temporal` to run: SLIPWAY_TEMPORAL, else the one on the PATH. */
export async function temporalBinary(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const named = env['SLIPWAY_TEMPORAL']
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named
    throw failed(`SLIPWAY_TEMPORAL is ${named}, and that is no program that can be run`)
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'temporal')
    if (folder !== '' && (await isExecutable(file))) return file
  }
  throw failed('there is no temporal on the PATH; get it from https://docs.temporal.io/cli, or name it with SLIPWAY_TEMPORAL', [
    'go install github.com/temporalio/cli/cmd/temporal@v1.5.1',
    'TEMPORAL_ADDRESS=HOST:PORT slipway worker',
  ])
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
