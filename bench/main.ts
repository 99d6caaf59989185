import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { streamLog } from '../lab/log.ts'
import { measureDelivery } from './delivery.ts'
import { measureEnvironment } from './environment.ts'
import { measureLife } from './life.ts'
import { withInterrupt } from './machine/interrupt.ts'
import { parseOptions, usage, type BenchOptions } from './options.ts'
import { environmentTablesOf } from './report/environment-tables.ts'
import { lifeTablesOf } from './report/life-tables.ts'
import { tablesOf } from './report/tables.ts'
import { webhookTablesOf } from './report/webhook-tables.ts'
import { writeTables } from './report/write-tables.ts'
import { measureWebhooks } from './webhooks.ts'

/** `npm run bench -- delivery | life | environment | webhooks`: measures Slipway on the lab, where it can against the same steps by hand. */
const checkout = join(import.meta.dirname, '..')

try {
  const options = parseOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  if (options === 'help') process.stdout.write(usage)
  else {
    const { results, tables } = await withInterrupt((signal) => measure(options, signal))
    process.stdout.write(`${tables}\n`)
    if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`)
    if (options.write) await writeTables(join(checkout, 'docs', 'benchmarks.md'), options.bench, tables)
  }
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`)
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
}

async function measure(options: BenchOptions, signal: AbortSignal): Promise<{ results: object; tables: string }> {
  const common = { checkout, environment: process.env, log: streamLog(process.stderr), signal }
  if (options.bench === 'delivery') {
    const results = await measureDelivery({ ...common, options })
    return { results, tables: tablesOf(results) }
  }
  if (options.bench === 'environment') {
    const results = await measureEnvironment({ ...common, options })
    return { results, tables: environmentTablesOf(results) }
  }
  if (options.bench === 'webhooks') {
    const results = await measureWebhooks({ ...common, options })
    return { results, tables: webhookTablesOf(results) }
  }
  const results = await measureLife({ ...common, options })
  return { results, tables: lifeTablesOf(results) }
}

/** With what stands behind it: a client of Temporal says the reason there. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${wordsOf(error.cause)}` : error.message
}
