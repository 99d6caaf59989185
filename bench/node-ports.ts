import type { LabEnv } from '../lab/env.ts'
import { run } from '../lab/machine/run.ts'
import { eventually } from '../lab/machine/probe.ts'
import { namespaceOf, type Overlay, type Shape } from './project/shape.ts'
import type { Place } from './served.ts'

type Listed<Item> = { readonly items: readonly Item[] }
type Service = {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly ports: readonly { readonly nodePort?: number }[] }
}

/** Where each service is reached from outside the cluster. */
export async function nodePlaces(env: LabEnv, shape: Shape, overlay: Overlay = 'alpha'): Promise<Place[]> {
  const { items } = JSON.parse(await kubectl(env, shape, overlay, 'get', 'services', '--output', 'json')) as Listed<Service>
  return shape.services.map((name) => {
    const port = items.find(({ metadata }) => metadata.name === name)?.spec.ports[0]?.nodePort
    if (port === undefined) throw new Error(`the service ${name} in ${namespaceOf(shape, overlay)} has no NodePort`)
    return { host: env.kubernetes.nodeAddress ?? '127.0.0.1', port }
  })
}

/** The pods of the delivery before are gone: their end is no part of the next measurement. */
export async function untilPodsAreSettled(env: LabEnv, shape: Shape, overlay: Overlay = 'alpha'): Promise<void> {
  const settled = async () => {
    const names = await kubectl(env, shape, overlay, 'get', 'pods', '--output', 'name')
    return names.split('\n').filter((line) => line !== '').length <= shape.services.length
  }
  await eventually(settled, 20_000, 200)
}

function kubectl({ kubernetes }: LabEnv, shape: Shape, overlay: Overlay, ...args: string[]): Promise<string> {
  return run([kubernetes.kubectl, '--kubeconfig', kubernetes.kubeconfig, '--namespace', namespaceOf(shape, overlay), ...args])
}
