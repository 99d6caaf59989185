import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { StatusResult } from '../results.ts'
import type { Bench } from './bench.ts'
import { measured } from './measured.ts'
import type { Stage } from './stage.ts'

const TIMES_A_ROUND = 2

/** A whole `slipway status` of an open sprint, from the start of the process to its end. */
export async function measureStatus(
  { folder, packageFolder, rounds, say, signal }: Bench,
  { temporal, pairs }: Stage,
): Promise<StatusResult> {
  const project = pairs.at(-1)?.slipway.project
  if (project === undefined) throw new Error('there is no project to ask for')
  say(`status: ${TIMES_A_ROUND * rounds} times`)
  const kept = await mkdtemp(join(folder, 'compiled-'))
  const status = (cache: string) =>
    run([join(packageFolder, 'bin', 'slipway.js'), 'status', '1.0.0'], {
      cwd: project.folder,
      env: {
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: 'default',
        NODE_COMPILE_CACHE: cache,
        SLIPWAY_CONFIG: join(project.folder, 'slipway.yaml'),
      },
    })
  await status(kept)
  const warm: number[] = []
  const first: number[] = []
  const bareNode: number[] = []
  for (let time = 1; time <= TIMES_A_ROUND * rounds; time++) {
    signal.throwIfAborted()
    bareNode.push(await run(['--eval', ''], {}))
    warm.push(await status(kept))
    first.push(await status(await mkdtemp(join(folder, 'compiled-'))))
  }
  return { warm: measured(warm), first: measured(first), bareNode: measured(bareNode) }
}

async function run(args: readonly string[], options: { cwd?: string; env?: Record<string, string> }): Promise<number> {
  const began = performance.now()
  await execa(process.execPath, [...args], options)
  return performance.now() - began
}
