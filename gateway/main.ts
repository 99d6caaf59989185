import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { EstateFile } from '../config/estate-schema.ts'
import { loadEstate } from '../config/load.ts'
import { formatProblems } from '../config/problem.ts'
import { parsePlace } from './listen.ts'
import { createLog } from './log.ts'
import { serve } from './serve.ts'

/** `gateway/main.ts [--estate FILE] [--listen ADDRESS:PORT] [--metrics ADDRESS:PORT] [--where-configured]`: what `slipway gateway` starts. */
const { values } = parseArgs({
  options: {
    estate: { type: 'string', default: process.env['SLIPWAY_ESTATE'] ?? 'estate.yaml' },
    listen: { type: 'string' },
    metrics: { type: 'string' },
    'where-configured': { type: 'boolean', default: false },
  },
})

const estate = await readEstate()
const place = (option: 'listen' | 'metrics', text = values[option]) =>
  text === undefined ? null : (parsePlace(text) ?? refuse(`--${option} expects ADDRESS:PORT`))
const [listen, metrics] = [place('listen'), place('metrics')]
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const log = createLog(process.env['SLIPWAY_LOG_LEVEL'] ?? 'info')
await serve({
  estate,
  listen,
  metrics,
  environment: process.env,
  readFile: (path) => readFile(path, 'utf8'),
  log,
  signal: stop.signal,
}).catch((error: unknown) => {
  log.fatal(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
// A hint that has not arrived holds its connection open, and one that is closed under it would end in an error of its own.
process.exit()

async function readEstate(): Promise<EstateFile> {
  const read = await loadEstate(values.estate)
  if (!read.ok) return refuse(formatProblems(read.problems))
  if (read.value.gateway !== undefined) return read.value
  if (values['where-configured']) process.exit(0)
  return refuse(`${values.estate} has no gateway; add "gateway: {}" to it, and webhooks to its projects`)
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(2)
}
