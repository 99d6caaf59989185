import { Reader } from 'protobufjs/minimal.js'

/** An activity that a worker was given. */
export type ActivityTask = {
  readonly token: string
  readonly workflowType: string
  readonly workflowId: string
  readonly activityType: string
  readonly activityId: string
}

export type WorkflowTask = { readonly token: string; readonly workflowId: string }

type Given = { readonly activities: readonly ActivityTask[]; readonly workflows: readonly WorkflowTask[] }

/** The tasks that the answer to a call of a worker hands to it. */
export function tasksIn(method: string, message: Buffer): Given {
  switch (method) {
    case 'PollActivityTaskQueue':
      return { activities: activity(message), workflows: [] }
    case 'PollWorkflowTaskQueue':
      return { activities: [], workflows: workflow(message) }
    case 'RespondWorkflowTaskCompleted':
      // The server may hand out what follows with its answer.
      return { workflows: all(message, 1).flatMap(workflow), activities: all(message, 2).flatMap(activity) }
    default:
      return { activities: [], workflows: [] }
  }
}

/** The task that a call of a worker brings to its end, of either kind; null when the call is another. */
export function endedBy(method: string, message: Buffer): string | null {
  return /^Respond(Activity|Workflow)Task(Completed|Failed|Canceled)$/.test(method) ? token(message) : null
}

/** The numbers are those of Temporal's own workflowservice messages. */
function activity(message: Buffer): ActivityTask[] {
  const [workflowType, execution, type, id] = [3, 4, 5, 6].map((number) => first(message, number))
  if (first(message, 1).length === 0) return []
  return [
    {
      token: token(message),
      workflowType: text(first(workflowType!, 1)),
      workflowId: text(first(execution!, 1)),
      activityType: text(first(type!, 1)),
      activityId: text(id!),
    },
  ]
}

function workflow(message: Buffer): WorkflowTask[] {
  return first(message, 1).length === 0 ? [] : [{ token: token(message), workflowId: text(first(first(message, 2), 1)) }]
}

function token(message: Buffer): string {
  return first(message, 1).toString('base64')
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8')
}

function first(message: Buffer, number: number): Buffer {
  return all(message, number)[0] ?? Buffer.alloc(0)
}

function all(message: Buffer, number: number): Buffer[] {
  const reader = Reader.create(message)
  const found: Buffer[] = []
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === number && (tag & 7) === 2) found.push(Buffer.from(reader.bytes()))
    else reader.skipType(tag & 7)
  }
  return found
}
