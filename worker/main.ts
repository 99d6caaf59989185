import { parseArgs } from 'node:util'
import { formatProblems } from '../config/problem.ts'
import { loadEstate } from '../config/load.ts'
import { createLog } from './log.ts'
import { runWorker } from './run.ts'

/** `worker/main.ts [--estate FILE] [--queues a,b] [--state FOLDER]`: what `slipway worker` starts as a child process. */
const { values } = parseArgs({
  options: {
    estate: { type: 'string', default: process.env['SLIPWAY_ESTATE'] ?? 'estate.yaml' },
    state: { type: 'string', default: process.env['SLIPWAY_STATE'] ?? '.slipway/worker' },
    queues: { type: 'string' },
  },
})

const estate = await loadEstate(values.estate)
if (!estate.ok) {
  process.stderr.write(`${formatProblems(estate.problems)}\n`)
  process.exit(2)
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const log = createLog(process.env['SLIPWAY_LOG_LEVEL'] ?? 'info')
await runWorker({
  estate: { file: estate.value, hash: estate.hash },
  stateFolder: values.state,
  queues: values.queues?.split(',') ?? null,
  environment: process.env,
  log,
  signal: stop.signal,
}).catch((error: unknown) => {
  log.fatal(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
