import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEnv } from '../../lab/env.ts'
import { run } from '../../lab/machine/run.ts'
import { createRemote } from '../../lab/remote.ts'
import { namespaceLabel } from '../../lab/sample.ts'
import {
  baseKustomization,
  composeFile,
  namespaceManifest,
  overlayKustomization,
  overlaysOf,
  serviceManifests,
  slipwayFile,
  type Overlay,
  type Shape,
} from './shape.ts'

export type BenchProject = {
  readonly shape: Shape
  /** A developer's clone. */
  readonly folder: string
  readonly remote: string
  /** What each service is published at by compose. */
  readonly ports: Readonly<Record<string, number>>
  /** What the remote runs after a push. */
  readonly hintFile: string
  readonly git: (...args: string[]) => Promise<string>
}

type Place = { readonly env: LabEnv; readonly top: string; readonly ports: Readonly<Record<string, number>> }

/** A remote of the lab and a clone of it with a first commit on develop. Made anew. */
export async function createProject(shape: Shape, { env, top, ports }: Place): Promise<BenchProject> {
  const folder = join(top, shape.name)
  await rm(join(env.git.folder, `${shape.name}.git`), { recursive: true, force: true })
  await writeTree(shape, env, folder)
  const { url, hintFile } = await createRemote(env, shape.name)
  const git = (...args: string[]) => run(['git', '-C', folder, ...args])
  await run(['git', 'init', '--quiet', '--initial-branch=develop', folder])
  await git('config', 'user.name', 'Dana Developer')
  await git('config', 'user.email', 'dana@example.com')
  await git('config', 'gc.auto', '0')
  await git('remote', 'add', 'origin', url)
  await git('add', '--all')
  await git('commit', '--quiet', '-m', 'The project as it is today')
  await git('push', '--quiet', '--set-upstream', 'origin', 'develop')
  return { shape, folder, remote: url, ports, hintFile, git }
}

async function writeTree(shape: Shape, env: LabEnv, folder: string): Promise<void> {
  const example = join(env.checkout, 'examples', 'website')
  const base = join(folder, 'deploy', 'base')
  await mkdir(base, { recursive: true })
  const template = await readFile(join(example, 'deploy', 'base', 'website.yaml'), 'utf8')
  await Promise.all([
    ...shape.services.map((each) => writeService(example, folder, each)),
    ...shape.services.map((each) => writeFile(join(base, `${each}.yaml`), serviceManifests(template, shape, each))),
    writeFile(join(base, 'kustomization.yaml'), baseKustomization(shape)),
    ...overlaysOf(shape).map((each) => writeOverlay(join(folder, 'deploy', 'overlays', each), shape, each, env)),
    writeFile(join(folder, 'docker-compose.yml'), composeFile(shape)),
    writeFile(join(folder, 'slipway.yaml'), slipwayFile(shape)),
  ])
}

async function writeOverlay(folder: string, shape: Shape, overlay: Overlay, env: LabEnv): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'kustomization.yaml'), overlayKustomization(shape, overlay))
  await writeFile(join(folder, 'namespace.yaml'), namespaceManifest(shape, overlay, { [namespaceLabel]: env.id }))
}

/** No two have the same content: they would be one image. */
async function writeService(example: string, folder: string, name: string): Promise<void> {
  await cp(join(example, name === 'website' ? 'website' : 'api'), join(folder, name), { recursive: true })
  await writeFile(join(folder, name, 'www', 'name'), `${name}\n`)
}

/** Changes every service, and commits. @returns the revision */
export async function changeAll({ folder, shape, git }: BenchProject, branch: string, version: string): Promise<string> {
  await git('checkout', '--quiet', branch)
  await Promise.all(shape.services.map((each) => writeFile(join(folder, each, 'VERSION'), `${version}\n`)))
  await git('commit', '--quiet', '--all', '-m', `Version ${version}`)
  return (await git('rev-parse', 'HEAD')).trim()
}
