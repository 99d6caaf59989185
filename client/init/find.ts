import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseImageReference } from '../../domain/image-reference.ts'
import { composeImages } from './compose-images.ts'
import { walk } from './walk.ts'

/** What lies in a folder that a configuration can begin with. Paths are relative to it. */
export type Findings = {
  readonly project: string
  /** Where git finds it; null without a remote. Never with a password. */
  readonly url: string | null
  /** `host[:port]` of the images that the compose file names; null when it names none. */
  readonly registry: string | null
  readonly services: readonly { readonly name: string; readonly image: string; readonly context: string; readonly dockerfile: string }[]
  readonly compose: { readonly file: string } | null
  readonly overlays: readonly { readonly name: string; readonly folder: string }[]
}

const COMPOSE = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml']
const KUSTOMIZATION = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])
const MOST_SERVICES = 20

export async function findings(folder: string): Promise<Findings> {
  const files = await walk(folder)
  const project = nameFrom(basename(folder), 'website')
  const composeFile =
    COMPOSE.flatMap((name) => files.filter((file) => basename(file) === name)).toSorted((a, b) => depth(a) - depth(b))[0] ?? null
  const images = composeFile === null ? [] : composeImages(await readFile(join(folder, composeFile), 'utf8'))
  const dockerfiles = files.filter((file) => basename(file) === 'Dockerfile').slice(0, MOST_SERVICES)
  const named = unique(
    dockerfiles.map((file) => {
      const context = dirname(file)
      return { name: nameFrom(context === '.' ? project : basename(context), 'service'), context, dockerfile: 'Dockerfile' }
    }),
  )
  const services = named.map((service) => {
    const known = images.find((image) => image.service === service.name || image.repository.split('/').at(-1) === service.name)
    return { ...service, image: known?.repository ?? `${project}/${service.name}` }
  })
  return {
    project,
    url: await remoteUrl(folder),
    registry: images.find((image) => parseImageReference(`${image.registry}/${image.repository}`).ok)?.registry ?? null,
    services,
    compose: composeFile === null ? null : { file: composeFile },
    overlays: unique(
      files
        .filter((file) => KUSTOMIZATION.has(basename(file)) && basename(dirname(dirname(file))) === 'overlays')
        .map((file) => ({ name: nameFrom(basename(dirname(file)), 'environment'), folder: dirname(file) })),
    ),
  }
}

/** Two folders may give one name: the first keeps it, the next ones are numbered. */
function unique<T extends { readonly name: string }>(all: readonly T[]): T[] {
  const count = new Map<string, number>()
  return all.map((each) => {
    const number = (count.get(each.name) ?? 0) + 1
    count.set(each.name, number)
    return number === 1 ? each : { ...each, name: `${each.name.slice(0, 36)}-${number}` }
  })
}

function depth(file: string): number {
  return file.split('/').length
}

/** Any folder's name as a name that Slipway serves. */
function nameFrom(text: string, otherwise: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return name === '' || name === 'constructor' ? otherwise : name
}

async function remoteUrl(folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['remote', 'get-url', 'origin'], { cwd: folder, timeout: 5000 })
    const url = stdout.trim()
    // What stands before the @ of an https address may be a token; ssh needs its user.
    const clean = url.replace(/^(https?:\/\/)[^/@]*@/, '$1').replace(/^(ssh:\/\/[^/@:]*):[^/@]*@/, '$1@')
    return /^[\x21-\x7e]{1,500}$/.test(clean) && !/["'\\]/.test(clean) ? clean : null
  } catch {
    return null
  }
}
