import { getExternalWorkflowHandle, proxyActivities } from '@temporalio/workflow'
import type { Finding, GitActivities, HouseActivities } from '../activities/contract.ts'
import { environmentId } from './ids.ts'
import {
  inspectSignal,
  type CleanInput,
  type CleanResult,
  type DoctorInput,
  type DoctorResult,
  type LookForDriftInput,
  type ReadLogInput,
  type ReadLogResult,
} from './messages.ts'
import { reasonOf } from './persist.ts'
import { ASKED, CLEAN } from './policies.ts'
import { BUILD_QUEUE, deployQueue, MAIN_QUEUE } from './queues.ts'

const on = (taskQueue: string) => proxyActivities<HouseActivities & GitActivities>({ ...ASKED, taskQueue })
const cleaningOn = (taskQueue: string) => proxyActivities<HouseActivities>({ ...CLEAN, taskQueue })

/** Checks every part that will be needed, each from the task queue that will need it. */
export async function doctor({ project, environments }: DoctorInput): Promise<DoctorResult> {
  const settings = await on(MAIN_QUEUE)
    .readSettings.executeWithOptions({ summary: `what the estate says of ${project}` }, [{ project }])
    .catch((error: unknown) => reasonOf(error))
  if (typeof settings === 'string') {
    return {
      findings: [
        {
          queue: MAIN_QUEUE,
          part: `estate of ${project}`,
          ok: false,
          detail: settings,
          fix: 'name the project in estate.yaml and start a worker with it: slipway worker',
        },
      ],
    }
  }
  const names = settings.environments.map((each) => each.name).filter((name) => environments === null || environments.includes(name))
  const checks = [
    check(MAIN_QUEUE, 'repository', on(MAIN_QUEUE).checkRepository.executeWithOptions({ summary: 'git and the remote' }, [{ project }])),
    check(BUILD_QUEUE, 'builds', on(BUILD_QUEUE).checkBuild.executeWithOptions({ summary: 'engine and registry' }, [{ project }])),
    ...names.map((environment) =>
      check(
        deployQueue(environment),
        environment,
        on(deployQueue(environment)).checkEnvironment.executeWithOptions({ summary: `the target of ${environment}` }, [
          { project, environment },
        ]),
      ),
    ),
  ]
  return { findings: (await Promise.all(checks)).flat() }
}

async function check(queue: string, part: string, findings: Promise<Finding[]>): Promise<(Finding & { queue: string })[]> {
  try {
    return (await findings).map((finding) => ({ ...finding, queue }))
  } catch (error) {
    return [{ queue, part, ok: false, detail: reasonOf(error), fix: `start a worker that serves ${queue}: slipway worker` }]
  }
}

/** A page of a stored log, read where the store is reached. */
export async function readLog({ digest, offset }: ReadLogInput): Promise<ReadLogResult> {
  return on(MAIN_QUEUE).readLog.executeWithOptions({ summary: `a page of the log ${digest.slice(7, 19)}` }, [{ digest, offset }])
}

/** Removes what nothing needs any more: worktrees and listings, images on the builder's engine, old logs. */
export async function clean({ project }: CleanInput): Promise<CleanResult> {
  const cleaned = await Promise.all([
    cleaningOn(MAIN_QUEUE).cleanRepository.executeWithOptions({ summary: 'worktrees and listings that nothing needs' }, [{ project }]),
    cleaningOn(BUILD_QUEUE).cleanBuild.executeWithOptions({ summary: 'builder images that nothing needs' }, [{ project }]),
  ])
  return { cleaned: cleaned.flat() }
}

/** What a schedule starts: it asks the environment to look, which alone knows whether there is something to look at now. */
export async function lookForDrift({ project, environment }: LookForDriftInput): Promise<void> {
  try {
    await getExternalWorkflowHandle(environmentId(project, environment)).signal(inspectSignal)
  } catch {
    // It does not run (any more): there is nobody to ask.
  }
}
