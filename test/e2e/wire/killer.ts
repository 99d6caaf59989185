import type { ConnectionLike } from '@temporalio/client'
import { endOf } from './ends.ts'
import { openProxy, type Watcher } from './proxy.ts'
import { openSuccession, type Worker } from './succession.ts'
import { endedBy, tasksIn, type ActivityTask, type WorkflowTask } from './tasks.ts'
import { openUpstream } from './upstream.ts'

export type Killer = Awaited<ReturnType<typeof openKiller>>

/** What changes something outside: killed when it is done and nobody was told. Everything else is killed as soon as it begins. */
const ACTS = new Set(['createBranch', 'createTag', 'buildImage', 'nameImages', 'apply', 'runHook', 'mergeInto', 'openMergeRequest'])

/** Workflows that nobody waits for, and that are tried again by themselves, ever more seldom. */
const ASIDE = new Set(['evidence', 'releasePage'])

/**
 * Sees each activity that a worker begins and ends, and kills it there where it is told to: once after it was begun, and
 * once after its end was recorded. An activity is called by where the walk is, its workflow, its type, and a number; a
 * further attempt is the same one.
 */
export async function openKiller(upstream: string, connection: ConnectionLike, begin: (address: string) => Worker) {
  const wanted = new Set<string>()
  const seen: string[] = []
  const numbers = new Map<string, number>()
  const lost = new Map<string, string[]>()
  const names = new Map<string, string>()
  const activities = new Map<string, ActivityTask>()
  const workflows = new Map<string, WorkflowTask>()
  const cached = new Set<string>()
  let step = ''
  let dead = false

  const watcher: Watcher = {
    asked: async (method, message) => {
      const token = endedBy(method, message)
      if (token === null) return true
      const task = activities.get(token)
      if (dead) return false
      if (task === undefined) {
        workflows.delete(token)
        return true
      }
      const name = names.get(token) ?? ''
      if (wanted.delete(`${name} begun`)) {
        await kill()
        return false
      }
      activities.delete(token)
      // Nobody is there when it is recorded: the connection of the worker is gone, and its polls with it.
      if (wanted.delete(`${name} recorded`)) await kill()
      return true
    },
    answered: (method, message, isThere) => {
      const given = tasksIn(method, message)
      if (!isThere) {
        void endOf(connection, { ...given, cached: [] })
        return
      }
      for (const task of given.workflows) {
        workflows.set(task.token, task)
        cached.add(task.workflowId)
      }
      for (const task of given.activities) {
        activities.set(task.token, task)
        names.set(task.token, called(task))
      }
    },
    delivered: (method, message) => {
      for (const { token, activityType } of tasksIn(method, message).activities) {
        if (!dead && !ACTS.has(activityType) && wanted.delete(`${names.get(token) ?? ''} begun`)) void kill()
      }
    },
  }
  const server = openUpstream(upstream)
  const workers = openSuccession(async (turn) => {
    const proxy = await openProxy(server, watcher, turn)
    const worker = begin(proxy.address)
    return { ...worker, kill: () => worker.kill().then(proxy.close) }
  })

  function called({ workflowType, workflowId, activityType }: ActivityTask): string {
    const instance = `${workflowId} ${activityType}`
    const again = lost.get(instance)?.shift()
    if (again !== undefined) return again
    const kind = `${step}: ${workflowType} ${activityType}`
    // What acts is told apart each time; what only reads is the same boundary wherever a step comes by it.
    const number = ACTS.has(activityType) ? (numbers.get(kind) ?? 0) + 1 : 1
    numbers.set(kind, number)
    const name = `${kind} ${number}`
    if (!seen.includes(name) && !ASIDE.has(workflowType)) seen.push(name)
    return name
  }

  /** Until it is dead, and Temporal knows; the next one goes on from there. */
  async function kill(): Promise<void> {
    dead = true
    await workers.endCurrent()
    for (const task of activities.values()) {
      const name = names.get(task.token) ?? ''
      wanted.delete(`${name} begun`)
      const instance = `${task.workflowId} ${task.activityType}`
      lost.set(instance, [...(lost.get(instance) ?? []), name])
    }
    const ended = { activities: [...activities.values()], workflows: [...workflows.values()], cached: [...cached] }
    activities.clear()
    workflows.clear()
    await endOf(connection, ended)
    dead = false
    void workers.next()
  }

  return {
    start: workers.next,
    /** From here on a new walk: activities are counted anew. @param kill where to kill, of `boundaries` */
    begin: (kill: readonly string[]) => {
      seen.length = 0
      numbers.clear()
      lost.clear()
      wanted.clear()
      for (const boundary of kill) wanted.add(boundary)
    },
    at: (name: string) => {
      step = name
    },
    /** Two for each activity that this walk came by. */
    boundaries: () => seen.flatMap((name) => [`${name} begun`, `${name} recorded`]),
    /** Where the worker should have been killed and was not yet. */
    missed: () => [...wanted],
    close: () => workers.close().then(server.close),
  }
}
