import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from '@temporalio/worker'

/**
 * Loaded into a real worker's process by a test (node --import): the process ends itself by SIGKILL before an activity does
 * anything, and after it has done all but say so. `plan` in the folder names the boundaries, `hit` the ones that were.
 */
const folder = process.env['SLIPWAY_TEST_KILLS'] ?? ''
const lines = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)

function dieAt(boundary: string): void {
  if (!lines('plan').includes(boundary) || lines('hit').includes(boundary)) return
  appendFileSync(join(folder, 'hit'), `${boundary}\n`)
  process.kill(process.pid, 'SIGKILL')
}

const create = Worker.create.bind(Worker)
Worker.create = (options) =>
  create({
    ...options,
    interceptors: {
      activity: [
        ({ info }) => ({
          inbound: {
            execute: async (input, next) => {
              const place = `${info.workflowType} ${info.activityType}`
              dieAt(`${place} before`)
              const result = await next(input)
              dieAt(`${place} after`)
              return result
            },
          },
        }),
      ],
    },
  })
