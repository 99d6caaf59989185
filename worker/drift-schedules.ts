import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client'
import type { ProjectEstate, TargetEstate } from '../config/estate-schema.ts'
import { ENVIRONMENT, PROJECT } from '../workflows/attributes.ts'
import { driftScheduleId, isDriftSchedule } from '../workflows/ids.ts'
import { MAIN_QUEUE } from '../workflows/queues.ts'
import type { lookForDrift } from '../workflows/inspect.ts'

type Environments = ProjectEstate['environments']
type Wanted = { readonly project: string; readonly name: string; readonly everyMs: number }
type StartLook = ScheduleOptions<ScheduleOptionsStartWorkflowAction<typeof lookForDrift>>

/**
 * Makes the schedules by which environments are looked at what the estate says: one for each whose target can be asked, and
 * none for others. Done again, it changes nothing; what a person paused stays so.
 */
export async function keepDriftSchedules(client: Client, project: string, environments: Environments): Promise<void> {
  const wanted = Object.entries(environments).flatMap(([name, { target, driftSeconds }]): Wanted[] =>
    !looks(target) || driftSeconds === 0 ? [] : [{ project, name, everyMs: driftSeconds * 1000 }],
  )
  await Promise.all([...wanted.map((each) => keep(client, each)), removeOthers(client, project, wanted)])
}

/** A placed script is looked at where it says how things are. */
function looks(target: TargetEstate): boolean {
  return !('script' in target) || target.script.answers?.includes('status') === true
}

async function keep(client: Client, wanted: Wanted): Promise<void> {
  const handle = client.schedule.getHandle(driftScheduleId(wanted.project, wanted.name))
  try {
    const { spec } = await handle.describe()
    if (spec.intervals?.length === 1 && spec.intervals[0]?.every === wanted.everyMs) return
    const { spec: next } = scheduleOf(wanted)
    await handle.update(({ state, policies, action }) => ({ state, policies, action, spec: next }))
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
    // Another worker may have made it meanwhile.
    await client.schedule.create(scheduleOf(wanted)).catch(unless(ScheduleAlreadyRunning))
  }
}

function scheduleOf({ project, name, everyMs }: Wanted): StartLook {
  const scheduleId = driftScheduleId(project, name)
  const attributes = [
    { key: PROJECT, value: project },
    { key: ENVIRONMENT, value: name },
  ]
  return {
    scheduleId,
    // Many environments are not all looked at in the same second.
    spec: { intervals: [{ every: everyMs }], jitter: Math.min(60_000, everyMs / 10) },
    action: {
      type: 'startWorkflow',
      workflowType: 'lookForDrift',
      workflowId: scheduleId,
      taskQueue: MAIN_QUEUE,
      args: [{ project, environment: name }],
      workflowExecutionTimeout: '1m',
      staticSummary: `asks ${name} of ${project} to look for drift`,
      typedSearchAttributes: attributes,
    },
    // A look that was missed is not made up for: the next one sees the same.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10s' },
    typedSearchAttributes: attributes,
  }
}

/** Of environments that are gone, that are not looked at any more, and of targets that cannot be asked. */
async function removeOthers(client: Client, project: string, wanted: readonly Wanted[]): Promise<void> {
  const ids = new Set(wanted.map(({ name }) => driftScheduleId(project, name)))
  const gone: string[] = []
  for await (const { scheduleId } of client.schedule.list({ query: `${PROJECT.name} = "${project}"` })) {
    if (isDriftSchedule(scheduleId, project) && !ids.has(scheduleId)) gone.push(scheduleId)
  }
  const remove = (id: string) => client.schedule.getHandle(id).delete()
  // Another worker may have removed it meanwhile.
  await Promise.all(gone.map((id) => remove(id).catch(unless(ScheduleNotFoundError))))
}

function unless(expected: typeof ScheduleNotFoundError | typeof ScheduleAlreadyRunning): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof expected)) throw error
  }
}
