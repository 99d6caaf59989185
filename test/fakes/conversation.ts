import type { Client } from '@temporalio/client'
import type { Actor } from '../../domain/actor.ts'
import { environmentId, mergeBackId, repositoryId, sprintId } from '../../workflows/ids.ts'
import * as messages from '../../workflows/messages.ts'
import { until } from './world.ts'

export const ANNE: Actor = { kind: 'person', name: 'anne', verified: false }

export type Conversation = ReturnType<typeof openConversation>

/** What a test says to the workflows of one project, and what it waits to see. */
export function openConversation(client: Client, project: string) {
  const handle = {
    repository: client.workflow.getHandle(repositoryId(project)),
    environment: (name: string) => client.workflow.getHandle(environmentId(project, name)),
    sprint: (version: string) => client.workflow.getHandle(sprintId(project, version)),
    mergeBack: (tag: string) => client.workflow.getHandle(mergeBackId(project, tag)),
  }
  const repository = () => handle.repository.query(messages.repositoryQuery)
  const environment = (name: string) => handle.environment(name).query(messages.environmentQuery)
  const sprint = (version: string) => handle.sprint(version).query(messages.sprintQuery)
  const vote = async (name: string): Promise<messages.Vote> => {
    const { waits } = await until(
      () => environment(name),
      (view) => view.waits.some((wait) => wait.kind === 'approval'),
      60_000,
    )
    const wait = waits.find((each) => each.kind === 'approval')
    return { request: wait?.request ?? '', hash: wait?.hash ?? '', by: ANNE, reason: null }
  }
  return {
    handle,
    repository,
    environment,
    sprint,
    vote,
    hint: () => handle.repository.signal(messages.hintSignal),
    start: (version: string, features: string[] = []) =>
      handle.repository.executeUpdate(messages.startSprintUpdate, { args: [{ version, features, by: ANNE }] }),
    say: (version: string, command: messages.SprintCommand) =>
      handle.sprint(version).executeUpdate(messages.commandUpdate, { args: [{ command, by: ANNE }] }),
    signOff: async (name: string, verdict: 'pass' | 'fail') => {
      const { current } = (await environment(name)).state
      const looked = { epoch: current?.epoch ?? 0, revision: current?.snapshot.candidate.revision ?? '' }
      return handle.environment(name).executeUpdate(messages.signOffUpdate, { args: [{ verdict, ...looked, by: ANNE, message: null }] })
    },
    approve: async (name: string) => handle.environment(name).executeUpdate(messages.approveUpdate, { args: [await vote(name)] }),
    /** A vote that was made up earlier, on prod. */
    approveAs: (vote: messages.Vote) => handle.environment('prod').executeUpdate(messages.approveUpdate, { args: [vote] }),
    reject: async (name: string) =>
      handle.environment(name).executeUpdate(messages.rejectUpdate, { args: [{ ...(await vote(name)), reason: 'not today' }] }),
    open: (version: string, as: 'hotfix' | 'adopt') =>
      handle.repository.executeUpdate(messages.openSprintUpdate, { args: [{ version, as, by: ANNE }] }),
    rollback: (name: string, epoch: number, reason: string | null = 'it is slow') =>
      handle.environment(name).executeUpdate(messages.rollbackUpdate, { args: [{ epoch, by: ANNE, reason }] }),
    resolve: (name: string, choice: string) =>
      handle.environment(name).executeUpdate(messages.resolveUpdate, { args: [{ choice, by: ANNE, reason: 'looked at it' } as never] }),
    lock: (name: string) => handle.environment(name).executeUpdate(messages.lockUpdate, { args: [{ by: ANNE, reason: 'hands off' }] }),
    unlock: (name: string) => handle.environment(name).executeUpdate(messages.unlockUpdate, { args: [{ by: ANNE, reason: null }] }),
    override: (name: string, request: string, hash: string) =>
      handle.environment(name).executeUpdate(messages.overrideUpdate, { args: [{ request, hash, by: ANNE, reason: 'it is urgent' }] }),
    adopt: (name: string, tag: string | null = null) =>
      handle.environment(name).executeUpdate(messages.adoptUpdate, { args: [{ tag, by: ANNE }] }),
    inspect: (name: string) => handle.environment(name).executeUpdate(messages.inspectUpdate, { args: [{ by: ANNE }] }),
    mergeBack: (tag: string) => handle.mergeBack(tag).query(messages.mergeBackQuery),
    retry: (name: string) => handle.environment(name).executeUpdate(messages.retryUpdate, { args: [{ by: ANNE }] }),
    runs: (name: string, tag: string, timeoutMs = 30_000) =>
      until(
        () => environment(name),
        ({ state }) => state.current?.tag === tag && state.running === null,
        timeoutMs,
      ),
    phase: (version: string, phase: string, timeoutMs = 30_000) =>
      until(
        () => sprint(version),
        ({ state }) => state.phase === phase,
        timeoutMs,
      ),
  }
}
