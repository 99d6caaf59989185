import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Context } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import type { DeployInput } from '../../../activities/contract.ts'
import { tellingRefusal } from '../../../activities/deploy/tell-refusal.ts'
import { createScriptTarget, type ScriptSetup } from '../../../activities/script/target.ts'
import type { EnvironmentSettings } from '../../../domain/settings.ts'
import { createTellRefusal } from '../../../worker/tell-refusal.ts'
import { deployQueue } from '../../../workflows/queues.ts'
import { World } from '../../fakes/world.ts'

/**
 * A worker of Temporal's own SDK for the queue of one environment, as a process that can be stopped. What it applies is a real
 * placed script, and nobody tells that it was cancelled; all else is the world in memory.
 */
export type TemporalSleeperInput = {
  readonly address: string
  readonly project: string
  readonly environment: EnvironmentSettings
  readonly script: Omit<ScriptSetup, 'deps' | 'registry'>
}

/** Applies what Temporal asks for by a placed script, without images. */
export function applyByScript(setup: Omit<ScriptSetup, 'registry'>) {
  const target = createScriptTarget({ ...setup, registry: {} as never })
  return async ({ project, environment, fence, snapshot }: DeployInput) => {
    const attempt = { signal: new AbortController().signal, heartbeat: (details: object) => Context.current().heartbeat(details) }
    const base = { project, environment, candidate: { ...snapshot.candidate, images: [] }, tag: snapshot.tag, registry: 'registry.example' }
    const content = await target.render({ ...base, parts: {}, mirror: {} as never }, attempt)
    const { changes } = await target.apply({ ...base, fence, content, previous: null, rolloutTimeoutMs: 1000 }, attempt)
    return { changes, log: null }
  }
}

if (import.meta.main) {
  const { address, project, environment, script } = JSON.parse(await text(process.stdin)) as TemporalSleeperInput
  const client = new Client({ connection: await Connection.connect({ address }) })
  const deps = { env: {}, readFile: async (path: string) => await readFile(path, 'utf8') }
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue: deployQueue(environment.name),
    activities: {
      ...new World(project, [environment]).activities(),
      apply: tellingRefusal(applyByScript({ ...script, deps }), createTellRefusal(client)),
    },
    // One that is stopped holds no other task, which would then be missed for as long as a heartbeat is waited for.
    maxConcurrentActivityTaskExecutions: 1,
  })
  await worker.run()
}
