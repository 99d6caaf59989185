import { randomUUID } from 'node:crypto'
import type { Client, WorkflowHandle } from '@temporalio/client'
import type {
  CleanInput,
  CleanResult,
  DoctorInput,
  DoctorResult,
  EvidenceInput,
  EvidenceResult,
  NotesInput,
  NotesResult,
  PlanInput,
  PlanResult,
  ReadContentInput,
  ReadContentResult,
  ReadLogInput,
  ReadLogResult,
} from '../../workflows/messages.ts'
import { MAIN_QUEUE } from '../../workflows/queues.ts'
import { failed } from '../exit.ts'
import { isNamed, START_A_WORKER } from '../explain.ts'

/** The short workflows that answer and end. */
type Tasks = {
  readonly doctor: { readonly input: DoctorInput; readonly result: DoctorResult }
  readonly plan: { readonly input: PlanInput; readonly result: PlanResult }
  readonly readLog: { readonly input: ReadLogInput; readonly result: ReadLogResult }
  readonly evidence: { readonly input: EvidenceInput; readonly result: EvidenceResult }
  readonly notes: { readonly input: NotesInput; readonly result: NotesResult }
  readonly readContent: { readonly input: ReadContentInput; readonly result: ReadContentResult }
  readonly clean: { readonly input: CleanInput; readonly result: CleanResult }
}

/** So long a worker may take to begin; later means that there is none. */
const BEGIN_MS = 8_000

/** The same where Temporal has seen no worker in the last minutes. */
const NOBODY_MS = 2_000

/** A workflow that no worker took has these: started, and its first task scheduled. */
const UNTOUCHED_EVENTS = 2

const NOBODY_TOOK_IT = 'no worker took it'

export async function runTask<T extends keyof Tasks>(
  client: Client,
  task: { readonly type: T; readonly project: string; readonly input: Tasks[T]['input']; readonly totalMs: number },
): Promise<Tasks[T]['result']> {
  const handle = await client.workflow.start(task.type, {
    taskQueue: MAIN_QUEUE,
    workflowId: `slipway/${task.project}/${task.type}/${randomUUID()}`,
    args: [task.input],
    workflowExecutionTimeout: task.totalMs,
  })
  const ended = new AbortController()
  try {
    return await Promise.race([result<Tasks[T]['result']>(handle, task.type), unlessBegun(client, handle, ended.signal)])
  } finally {
    ended.abort()
  }
}

async function result<R>(handle: WorkflowHandle, type: string): Promise<R> {
  try {
    return (await handle.result()) as R
  } catch (error) {
    if (!isNamed(error, 'WorkflowFailedError')) throw error
    let last = error as Error
    while (last.cause instanceof Error) last = last.cause
    // Ended by unlessBegun: its end may be heard here first.
    if (last.message.includes(NOBODY_TOOK_IT)) throw nobodyPolls()
    throw failed(`${type} did not succeed: ${last.message}`, [], error)
  }
}

/** Fails when no worker begins the task in time; never ends otherwise. */
async function unlessBegun(client: Client, handle: WorkflowHandle, ended: AbortSignal): Promise<never> {
  await pause((await isPolled(client)) ? BEGIN_MS : NOBODY_MS, ended)
  if (ended.aborted) return await new Promise(() => undefined)
  const described = await handle.describe()
  if (described.historyLength > UNTOUCHED_EVENTS) return await new Promise(() => undefined)
  await handle.terminate(NOBODY_TOOK_IT)
  throw nobodyPolls()
}

function nobodyPolls(): Error {
  return failed(`no worker polls the task queue ${MAIN_QUEUE}; start one with slipway worker`, START_A_WORKER)
}

/** Asked without a type, Temporal speaks of workflow tasks. */
async function isPolled(client: Client): Promise<boolean> {
  const { namespace } = client.options
  const answer = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: MAIN_QUEUE },
  })
  return (answer.pollers ?? []).length > 0
}

async function pause(ms: number, ended: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    ended.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
