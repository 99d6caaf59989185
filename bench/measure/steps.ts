import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker'
import { seenIn } from '../history/events.ts'
import { startTemporal } from '../machine/temporal.ts'
import type { StepResult } from '../results.ts'
import type { Bench } from './bench.ts'
import { measured } from './measured.ts'
import type { stepAfterStep } from './step-workflow.ts'

const ACTIVITIES = 50
const QUEUE = 'bench-steps'

/** What one activity that does nothing costs, when each waits for the one before. */
export async function measureSteps({ env, folder, rounds, say }: Bench): Promise<StepResult> {
  say(`steps: ${rounds} workflows of ${ACTIVITIES} activities`)
  const place = join(folder, 'steps')
  await mkdir(place, { recursive: true })
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
  const temporal = await startTemporal(env, place)
  const native = await NativeConnection.connect({ address: temporal.address })
  try {
    const silent = () => undefined
    const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent }
    const workflowBundle = await bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, 'step-workflow.ts'), logger })
    const worker = await Worker.create({
      connection: native,
      taskQueue: QUEUE,
      workflowBundle,
      activities: { nothing: async () => undefined },
    })
    const samples = await worker.runUntil(async () => {
      const one = async (name: string) => {
        const handle = await temporal.client.workflow.start<typeof stepAfterStep>('stepAfterStep', {
          workflowId: `bench/${name}`,
          taskQueue: QUEUE,
          args: [ACTIVITIES],
        })
        await handle.result()
        const seen = seenIn(await handle.fetchHistory(), 0)
        const scheduled = seen.find(({ kind }) => kind === 'scheduled')?.at ?? 0
        const ended = seen.findLast(({ kind }) => kind === 'completed')?.at ?? 0
        return (ended - scheduled) / ACTIVITIES
      }
      await one('warm-up')
      const found: number[] = []
      for (let round = 1; round <= rounds; round++) found.push(await one(String(round)))
      return found
    })
    return { activities: ACTIVITIES, perStep: measured(samples) }
  } finally {
    await native.close()
    await temporal.close()
  }
}
