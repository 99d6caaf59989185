import { processIo } from './io.ts'
import { run } from './run.ts'

/** Where bin/slipway.js enters. */
export async function main(): Promise<void> {
  // A reader such as `head` may go before everything is said; that is no mistake.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  process.exitCode = await run(process.argv.slice(2), processIo(process))
}
