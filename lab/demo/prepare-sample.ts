import { delimiter, dirname } from 'node:path'
import type { LabEnv } from '../env.ts'
import { portIsFree } from '../machine/probe.ts'
import { createSample, type Sample } from '../sample.ts'
import { namespaceOf } from './namespace.ts'
import { removeSample } from './remove-sample.ts'
import { placeSlipway } from './slipway-command.ts'

export type Prepared = {
  readonly sample: Sample
  /** What a person's shell has to have for the lines, beside its own variables. */
  readonly environment: NodeJS.ProcessEnv
}

/** A sample as new, whatever an earlier one of that name left. */
export async function prepareSample(env: LabEnv, project: string, approvers: readonly string[]): Promise<Prepared> {
  await removeSample(env, project)
  const namespace = namespaceOf(env, project)
  const ports = await freePorts(env)
  const sample = await createSample({ ...env, temporal: { ...env.temporal, namespace } }, { project, ports, approvers })
  const bin = await placeSlipway(env, dirname(sample.folder), namespace)
  return {
    sample,
    environment: {
      PATH: [bin, env.path, process.env['PATH'] ?? ''].join(delimiter),
      DOCKER_HOST: env.engine.dockerHost,
      KUBECONFIG: env.kubernetes.kubeconfig,
      // Nobody is there to turn the pages.
      GIT_PAGER: 'cat',
    },
  }
}

async function freePorts({ hostPorts: { from, to } }: LabEnv): Promise<{ website: number; api: number }> {
  const free: number[] = []
  for (let port = from; port <= to && free.length < 2; port += 1) if (await portIsFree(port)) free.push(port)
  const [website, api] = free
  if (website === undefined || api === undefined)
    throw new Error(`the lab has no two free ports left between ${from} and ${to}; something publishes them all`)
  return { website, api }
}
