import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { stringify } from 'yaml'
import { openConversation, type Conversation } from '../../test/fakes/conversation.ts'
import { openCli, type Cli } from '../machine/cli.ts'
import { startTemporal } from '../machine/temporal.ts'
import { startWorker } from '../machine/worker.ts'
import type { Bench } from '../measure/bench.ts'
import { createProject, type BenchProject } from '../project/create.ts'
import { labEstate, projectEstateOf } from '../project/estate.ts'
import { freePorts } from '../project/ports.ts'
import { removeProject } from '../project/remove.ts'
import type { Shape } from '../project/shape.ts'
import { hintLine } from '../ways/slipway.ts'

/** A project that Slipway serves, and how it is spoken to. */
export type Led = {
  readonly project: BenchProject
  readonly client: Client
  readonly talk: Conversation
  readonly cli: Cli
}

export type LifeStage = { readonly compose: Led; readonly kustomize: Led; readonly byHand: BenchProject }

const services = ['website']
const SHAPES = {
  compose: { name: 'bench-life-compose', services, prod: 'compose' },
  kustomize: { name: 'bench-life', services, prod: 'kustomize' },
  byHand: { name: 'bench-life-by-hand', services },
} as const satisfies Record<string, Shape>

/** One project with a prod by compose and one with a prod by kustomize, served by one worker; and one by hand. */
export async function openLifeStage(bench: Bench): Promise<LifeStage> {
  const { env, cleanUp, say, packageFolder } = bench
  const folder = join(bench.folder, 'life')
  await mkdir(folder, { recursive: true })
  say('life: bringing up three projects')
  const shapes = Object.values(SHAPES)
  await Promise.all(shapes.map((shape) => removeProject(env, shape)))
  for (const shape of shapes) cleanUp.later(() => removeProject(env, shape))
  const ports = await freePorts(env, shapes.length)
  const create = async (shape: Shape) => {
    const project = await createProject(shape, { env, top: join(folder, 'projects'), ports: { website: ports.shift() ?? 0 } })
    await project.git('push', '--quiet', 'origin', 'develop:master')
    return project
  }
  const byHand = await create(SHAPES.byHand)
  const compose = await create(SHAPES.compose)
  const kustomize = await create(SHAPES.kustomize)

  const estateFile = join(folder, 'estate.yaml')
  const projects = Object.fromEntries([compose, kustomize].map((project) => [project.shape.name, projectEstateOf(env, project)]))
  await writeFile(estateFile, stringify({ ...labEstate(env), projects }))
  const { address, client, close } = await startTemporal(env, folder)
  cleanUp.later(close)
  const worker = await startWorker({ env, address, packageFolder, folder, estateFile })
  cleanUp.later(worker.stop)
  const led = async (project: BenchProject): Promise<Led> => {
    const { name } = project.shape
    await writeFile(project.hintFile, hintLine(env, address, name))
    return { project, client, talk: openConversation(client, name), cli: openCli({ packageFolder, folder, address, project }) }
  }
  return { compose: await led(compose), kustomize: await led(kustomize), byHand }
}
