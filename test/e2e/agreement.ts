import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { composeProjectOf } from '../../lab/sample.ts'
import type { Estate } from './estate.ts'

type Told = {
  readonly epoch: number
  readonly running: object | null
  readonly current: {
    readonly epoch: number
    readonly tag: string
    readonly version: string | null
    readonly images: Record<string, string>
  }
}
type Recorded = { readonly entries: readonly { readonly event: string; readonly text: string }[] }

/** What `slipway env` and `slipway history` say is what the target has: the images that run, and the epoch of its fence. */
export async function expectAgreement(estate: Estate, environment: string): Promise<void> {
  const told = (await estate.slipway('env', environment, '--json')).json() as Told
  const target = environment === 'integration' ? onHost(estate) : inCluster(estate, environment)
  const services = Object.keys(told.current.images)
  const images = await Promise.all(services.map(async (service) => [service, (await target.image(service)).split('@')[1]] as const))

  const { epoch, tag, version } = told.current
  expect({ running: told.running, images: Object.fromEntries(images), fence: await target.fence() }, environment).toEqual({
    running: null,
    images: told.current.images,
    fence: told.epoch,
  })
  // What develop feeds is no sprint's.
  if (version === null) return
  const { entries } = (await estate.slipway('history', version, '--json')).json() as Recorded
  const deployed = entries.filter(({ event, text }) => event === 'deployed' && text.includes(` on ${environment} `))
  expect(deployed.at(-1)?.text).toBe(`${tag} runs on ${environment} (epoch ${epoch})`)
}

function onHost({ env, sample, docker }: Estate) {
  const project = composeProjectOf(env, sample.project)
  const fence = join(env.ssh.home, sample.project, '.slipway', 'fence')
  return {
    image: (service: string) => docker('inspect', '--format', '{{.Config.Image}}', `${project}_${service}_1`),
    fence: async () => Number((await readFile(fence, 'utf8')).split(' ')[0]),
  }
}

function inCluster({ sample, kubectl }: Estate, environment: string) {
  const get = (kind: string, name: string, path: string) =>
    kubectl('--namespace', `${sample.project}-${environment}`, 'get', kind, name, '--output', `jsonpath=${path}`)
  return {
    image: (service: string) => get('deployment', service, '{.spec.template.spec.containers[0].image}'),
    fence: async () => Number(await get('configmap', `slipway-fence.${sample.project}.${environment}`, '{.data.epoch}')),
  }
}
