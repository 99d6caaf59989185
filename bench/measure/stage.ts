import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startTemporal, type BenchTemporal } from '../machine/temporal.ts'
import { startWorker, type BenchWorker } from '../machine/worker.ts'
import { createProject } from '../project/create.ts'
import { labEstate, projectEstateOf } from '../project/estate.ts'
import { freePorts } from '../project/ports.ts'
import { removeProject } from '../project/remove.ts'
import { SERVICES, type Shape } from '../project/shape.ts'
import { openByHand } from '../ways/by-hand.ts'
import { openBySlipway } from '../ways/slipway.ts'
import type { Way } from '../ways/way.ts'
import type { Bench } from './bench.ts'

/** Two ways to deliver the same thing. */
export type Pair = { readonly services: number; readonly byHand: Way; readonly slipway: Way }

export type Stage = { readonly temporal: BenchTemporal; readonly worker: BenchWorker; readonly pairs: readonly Pair[] }

const SIZES = [1, 3] as const

/** Projects of one and of three services, by each way, brought up once; one worker serves those of Slipway. */
export async function openStage(bench: Bench): Promise<Stage> {
  const { env, cleanUp, signal, say } = bench
  const folder = join(bench.folder, 'stage')
  await mkdir(folder, { recursive: true })
  const shapes = SIZES.map((size) => ({ size, byHand: shapeOf(size, '-by-hand'), slipway: shapeOf(size, '') }))
  const all = shapes.flatMap(({ byHand, slipway }) => [byHand, slipway])
  say('delivery: bringing up projects of one and of three services, by hand and by Slipway')
  await Promise.all(all.map((shape) => removeProject(env, shape)))
  for (const shape of all) cleanUp.later(() => removeProject(env, shape))
  const ports = await freePorts(env, all.flatMap(({ services }) => services).length)
  const made = new Map<string, Awaited<ReturnType<typeof createProject>>>()
  for (const shape of all) {
    const own = Object.fromEntries(shape.services.map((service) => [service, ports.shift() ?? 0]))
    made.set(shape.name, await createProject(shape, { env, top: join(folder, 'projects'), ports: own }))
  }
  const projectOf = ({ name }: Shape) => made.get(name)!

  const estateFile = join(folder, 'estate.yaml')
  const projects = Object.fromEntries(shapes.map(({ slipway }) => [slipway.name, projectEstateOf(env, projectOf(slipway))]))
  await writeFile(estateFile, stringify({ ...labEstate(env), projects }))
  const temporal = await startTemporal(env, folder)
  cleanUp.later(temporal.close)
  const worker = await startWorker({ env, address: temporal.address, packageFolder: bench.packageFolder, folder, estateFile })
  cleanUp.later(worker.stop)

  const pairs = shapes.map(({ size, byHand, slipway }) => ({
    services: size,
    byHand: openByHand({ env, project: projectOf(byHand), signal }),
    slipway: openBySlipway({ env, client: temporal.client, address: temporal.address, project: projectOf(slipway), signal }),
  }))
  for (const { byHand, slipway } of pairs) {
    await byHand.begin()
    await slipway.begin()
  }
  return { temporal, worker, pairs }
}

function shapeOf(size: number, suffix: string): Shape {
  return { name: `bench-${size === 1 ? 'one' : 'three'}${suffix}`, services: SERVICES.slice(0, size) }
}
