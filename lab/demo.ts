import { join } from 'node:path'
import { parseOptions, usage } from './demo/options.ts'
import { runDemo } from './demo/run.ts'
import { openScreen } from './demo/screen.ts'

/** `npm run demo`: two releases through real parts, from the first push to the second merge-back. */
const checkout = join(import.meta.dirname, '..')

try {
  const options = parseOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  if (options === 'help') process.stdout.write(usage)
  else
    process.exitCode = await runDemo({
      options,
      checkout,
      environment: process.env,
      screen: openScreen(process.stdout),
      signal: interrupted(),
    })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
}

/** The first Ctrl-C lets the demo clean up, the second does not wait for that. */
function interrupted(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      stop.abort()
    })
  }
  return stop.signal
}
