import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeDeployments, removeImages } from '../../lab/demo/remove-sample.ts'
import type { LabEnv } from '../../lab/env.ts'
import { run } from '../../lab/machine/run.ts'
import { SERVICES, type Shape } from './shape.ts'

/** Everything that deliveries of a project left on the lab: containers, namespace, images, remote, folder on the host. */
export async function removeProject(env: LabEnv, { name }: Shape): Promise<void> {
  await removeDeployments(env, name, { wait: true })
  await removeImages(env, [...SERVICES.map((service) => `${name}/${service}`)])
  await removeLocalImages(env, name)
  await rm(join(env.git.folder, `${name}.git`), { recursive: true, force: true })
}

async function removeLocalImages(env: LabEnv, name: string): Promise<void> {
  const docker = (...args: string[]) => run([join(env.path, 'docker'), ...args], { env: { DOCKER_HOST: env.engine.dockerHost } })
  const listed = await docker('image', 'ls', '--quiet', '--filter', `reference=${env.registry.address}/${name}/*`)
  const ids = [...new Set(listed.split('\n').filter((line) => line !== ''))]
  if (ids.length > 0) await docker('image', 'rm', '--force', ...ids)
}
