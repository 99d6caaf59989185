import { processIo } from './io.ts'
import { run } from './run.ts'

/** Where bin/slipway.js enters. */
export async function main(): Promise<void> {
  // A reader such as `head` may go before everything is said; that is no mistake.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const code = await run(process.argv.slice(2), processIo(process))
  // What is printed goes out first; a connection that still tries must not keep a person waiting.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}
