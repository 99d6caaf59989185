import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { stringify } from 'yaml'
import { run } from '../../lab/machine/run.ts'
import { openConversation } from '../../test/fakes/conversation.ts'
import { memoryOf } from '../machine/memory.ts'
import { startTemporal } from '../machine/temporal.ts'
import { startWorker } from '../machine/worker.ts'
import { createProject } from '../project/create.ts'
import { labEstate } from '../project/estate.ts'
import { removeProject } from '../project/remove.ts'
import type { Shape } from '../project/shape.ts'
import type { MemoryResult } from '../results.ts'
import type { Bench } from './bench.ts'

const PROJECTS = 200
const AT_ONCE = 8
const SETTLE_MS = 8000
const VERSION = '1.0.0'

/** The worker's memory with one project and nothing to do, and with a sprint open in each of many. */
export async function measureMemory(bench: Bench): Promise<MemoryResult> {
  const { env, cleanUp, say, signal } = bench
  const folder = join(bench.folder, 'memory')
  const remotes = join(folder, 'remotes')
  await mkdir(remotes, { recursive: true })
  const shape: Shape = { name: 'bench-many', services: ['website'] }
  await removeProject(env, shape)
  cleanUp.later(() => removeProject(env, shape))
  const source = await createProject(shape, { env, top: folder, ports: { website: 1 } })
  const names = Array.from({ length: PROJECTS }, (_, index) => `bench-many-${index + 1}`)
  for (const name of names) await cloneAs(source.folder, join(remotes, `${name}.git`), name)
  const estateOf = (projects: readonly string[]) => ({
    ...labEstate(env),
    projects: Object.fromEntries(projects.map((name) => [name, projectEstate(join(remotes, `${name}.git`), env.images.busybox, name)])),
  })

  say('memory: an idle worker')
  const idle = await withWorker(bench, join(folder, 'idle'), estateOf(names.slice(0, 1)), async ({ pid, readyMs, client }) => {
    await untilBuilt(client, names[0] ?? '', signal)
    await sleep(SETTLE_MS, undefined, { signal })
    return { memory: await memoryOf(pid), readyMs }
  })
  say(`memory: a worker with ${PROJECTS} open sprints of ${PROJECTS} projects`)
  const began = Date.now()
  const full = await withWorker(bench, join(folder, 'full'), estateOf(names), async ({ pid, client }) => {
    await inTurns(names, AT_ONCE, async (name) => {
      signal.throwIfAborted()
      const answer = await openConversation(client, name).start(VERSION)
      if (!answer.ok) throw new Error(`the sprint of ${name} did not begin: ${JSON.stringify(answer)}`)
    })
    await inTurns(names, AT_ONCE, (name) => untilBuilt(client, name, signal))
    const filledSeconds = Math.round((Date.now() - began) / 1000)
    await sleep(SETTLE_MS, undefined, { signal })
    return { memory: await memoryOf(pid), filledSeconds }
  })
  await rm(folder, { recursive: true, force: true })
  return { readyMs: idle.readyMs, idle: idle.memory, projects: PROJECTS, sprints: full.memory, filledSeconds: full.filledSeconds }
}

/** Alpha and prod only: nothing is deployed before somebody cuts a release branch. The images are the same in all. */
function projectEstate(url: string, base: string, name: string): object {
  const target = (environment: string) => ({ kustomize: { cluster: 'lab', namespace: `${name}-${environment}` } })
  return {
    repository: { url },
    buildArgs: { BASE: base },
    environments: {
      alpha: { from: 'release', target: target('alpha'), driftSeconds: 0 },
      prod: { from: 'tag', target: target('prod'), driftSeconds: 0 },
    },
  }
}

async function cloneAs(folder: string, remote: string, name: string): Promise<void> {
  const tree = `${remote}.tree`
  await cp(folder, tree, { recursive: true })
  await writeFile(join(tree, 'slipway.yaml'), stringify(slipwayFileOf(name)))
  await run(['git', '-C', tree, 'commit', '--quiet', '--all', '--amend', '--no-edit'])
  await run(['git', 'clone', '--quiet', '--bare', tree, remote])
  await rm(tree, { recursive: true, force: true })
}

function slipwayFileOf(name: string): object {
  const overlay = { kustomize: { overlay: 'deploy/overlays/alpha' } }
  return {
    project: name,
    services: { website: { image: 'bench-many/website', context: 'website' } },
    environments: { alpha: overlay, prod: overlay },
  }
}

type Open = { readonly pid: number; readonly readyMs: number; readonly client: Client }

async function withWorker<T>(bench: Bench, folder: string, estate: object, work: (open: Open) => Promise<T>): Promise<T> {
  const { env, packageFolder } = bench
  await mkdir(folder, { recursive: true })
  const estateFile = join(folder, 'estate.yaml')
  await writeFile(estateFile, stringify(estate))
  const temporal = await startTemporal(env, folder)
  try {
    const worker = await startWorker({ env, address: temporal.address, packageFolder, folder, estateFile })
    try {
      return await work({ pid: worker.pid, readyMs: worker.readyMs, client: temporal.client })
    } finally {
      await worker.stop()
    }
  } finally {
    await temporal.close()
  }
}

async function untilBuilt(client: Client, name: string, signal: AbortSignal): Promise<void> {
  const talk = openConversation(client, name)
  for (const deadline = Date.now() + 300_000; ;) {
    const state = await talk.repository()
    if (state.refs.some(({ ref, named }) => ref === 'refs/heads/develop' && named)) return
    if (Date.now() > deadline) throw new Error(`${name} was not built in five minutes: ${JSON.stringify(state).slice(0, 2000)}`)
    await sleep(200, undefined, { signal })
  }
}

async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const one = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}
