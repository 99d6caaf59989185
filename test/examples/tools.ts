import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { parse, parseAllDocuments } from 'yaml'
import { labEnv } from '../../lab/env.ts'
import type { LabEnv } from '../../lab/env.ts'

export type KubernetesObject = {
  kind: string
  metadata: { name: string; namespace?: string }
  [field: string]: unknown
}

export function lab(): Promise<LabEnv> {
  return labEnv(join(import.meta.dirname, '../..'))
}

/** The PATH on which the lab's kustomize, docker and docker-compose come first. */
export async function toolPath(): Promise<string> {
  return `${(await lab()).path}${delimiter}${process.env['PATH'] ?? ''}`
}

export async function kustomize(args: string[], cwd: string): Promise<string> {
  const { stdout } = await execa('kustomize', args, { cwd, env: { PATH: await toolPath() } })
  return stdout
}

/** What kustomize makes of an overlay, in its order. */
export async function render(overlay: string): Promise<KubernetesObject[]> {
  const manifests = await kustomize(['build', '.'], overlay)
  return parseAllDocuments(manifests).map((document) => document.toJS() as KubernetesObject)
}

/** docker or docker-compose on the lab's engine, with these variables and no others. */
export async function onEngine(argv: [string, ...string[]], cwd: string, variables: Record<string, string> = {}): Promise<string> {
  const [program, ...args] = argv
  const env = { PATH: await toolPath(), DOCKER_HOST: (await lab()).engine.dockerHost, ...variables }
  const { stdout } = await execa(program, args, { cwd, env, extendEnv: false })
  return stdout
}

/** The compose file in `folder` as docker-compose understands it. */
export async function composeConfig(folder: string, variables: Record<string, string>): Promise<unknown> {
  return parse(await onEngine(['docker-compose', 'config'], folder, variables))
}
