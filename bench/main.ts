import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { streamLog } from '../lab/log.ts'
import { measureDelivery } from './delivery.ts'
import { withInterrupt } from './machine/interrupt.ts'
import { parseOptions, usage } from './options.ts'
import { tablesOf } from './report/tables.ts'
import { writeTables } from './report/write-tables.ts'

/** `npm run bench -- delivery`: Slipway against the same steps by hand, on the lab. */
const checkout = join(import.meta.dirname, '..')

try {
  const options = parseOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  if (options === 'help') process.stdout.write(usage)
  else {
    const log = streamLog(process.stderr)
    const results = await withInterrupt((signal) => measureDelivery({ checkout, options, environment: process.env, log, signal }))
    const tables = tablesOf(results)
    process.stdout.write(`${tables}\n`)
    if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`)
    if (options.write) await writeTables(join(checkout, 'docs', 'benchmarks.md'), tables)
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
}
