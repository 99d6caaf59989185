import { readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { parse } from 'yaml'
import { quoted } from '../../domain/parsed.ts'

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Fields whose entries are files or folders that kustomize loads; the second kind holds configurations of plugins. */
const RESOURCES = ['resources', 'bases', 'components'] as const
const PLUGINS = ['generators', 'transformers', 'validators'] as const
/** Fields that may name a file to load somewhere inside. */
const NESTED = ['crds', 'configurations', 'openapi', 'patches', 'patchesJson6902', 'patchesStrategicMerge', 'replacements'] as const

const FILE_LIMIT_BYTES = 1024 * 1024
const FOLDER_LIMIT = 200

/**
 * Checks what an overlay is made of before kustomize runs: it would fetch a URL or clone a repository that an entry
 * names, and follow a folder out of the checkout into whatever else lies on the worker's disk.
 *
 * @returns the problem as the rest of a sentence, or null
 */
export async function findForeignSource(checkout: string, overlay: string): Promise<string | null> {
  const root = await realpath(checkout)
  const start = await realpath(join(root, overlay)).catch(() => null)
  if (!start || !isBelow(root, start) || !(await kustomizationFile(start))) {
    return `there is no kustomization.yaml in the folder ${quoted(overlay)}`
  }
  const walk = { root, seen: new Set<string>(), waiting: [{ folder: start, plugins: false }] }
  for (let next = walk.waiting.pop(); next; next = walk.waiting.pop()) {
    if (walk.seen.size >= FOLDER_LIMIT) return `it is made of more than ${FOLDER_LIMIT} folders`
    const key = `${next.folder}\0${next.plugins}`
    if (walk.seen.has(key)) continue
    walk.seen.add(key)
    const problem = await checkFolder(walk, next.folder, next.plugins)
    if (problem) return problem
  }
  return null
}

type Walk = { readonly root: string; readonly seen: Set<string>; readonly waiting: { folder: string; plugins: boolean }[] }

async function checkFolder(walk: Walk, folder: string, plugins: boolean): Promise<string | null> {
  const file = await kustomizationFile(folder)
  if (!file) return null
  const where = relative(walk.root, file)
  const kustomization = await readYaml(file)
  if (!kustomization) return `${where} is no YAML that can be read`
  const remote = remoteIn(NESTED.map((field) => kustomization[field])) ?? remoteIn(generatedFiles(kustomization))
  if (remote) return refusedRemote(where, remote)
  for (const field of [...RESOURCES, ...PLUGINS]) {
    const entries = kustomization[field]
    for (const entry of Array.isArray(entries) ? entries : [entries]) {
      if (typeof entry !== 'string') continue
      const inPlugins = plugins || (PLUGINS as readonly string[]).includes(field)
      const problem = await checkEntry(walk, folder, where, entry, inPlugins)
      if (problem) return problem
    }
  }
  return null
}

async function checkEntry(walk: Walk, folder: string, where: string, entry: string, plugins: boolean): Promise<string | null> {
  if (entry.includes('\n')) return remoteInText(where, entry)
  if (isRemote(entry)) return refusedRemote(where, entry)
  const place = await realpath(resolve(folder, entry)).catch(() => null)
  if (!place) return `${where} names ${quoted(entry)}, which is not in the repository; remote bases are not fetched: keep a copy in the repository`
  if (!isBelow(walk.root, place)) return `${where} names ${quoted(entry)}, which lies outside the repository`
  const found = await stat(place)
  if (found.isDirectory()) walk.waiting.push({ folder: place, plugins })
  else if (plugins) return remoteInText(where, found.size > FILE_LIMIT_BYTES ? '' : await readFile(place, 'utf8'))
  return null
}

/** Configurations of kustomize's own plugins may name files to load anywhere in them. */
function remoteInText(where: string, text: string): string | null {
  const url = /(?<=^|[\s"'=,[{])https?:\/\/\S+/im.exec(text)
  return url ? refusedRemote(where, url[0]) : null
}

function generatedFiles(kustomization: Record<string, unknown>): unknown[] {
  return [kustomization['configMapGenerator'], kustomization['secretGenerator']].flat().flatMap((generator) => {
    const { files, env, envs } = (generator ?? {}) as Record<string, unknown>
    return [files, env, envs]
  })
}

function remoteIn(value: unknown): string | null {
  if (typeof value === 'string') return isRemote(value.replace(/^[^=\n]*=/, '')) || isRemote(value) ? value : null
  if (typeof value !== 'object' || value === null) return null
  for (const inner of Object.values(value)) {
    const found = remoteIn(inner)
    if (found) return found
  }
  return null
}

function isRemote(entry: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(entry)
}

function refusedRemote(where: string, entry: string): string {
  return `${where} loads ${quoted(entry)}; nothing is fetched from elsewhere: keep a copy in the repository`
}

async function readYaml(file: string): Promise<Record<string, unknown> | null> {
  try {
    if ((await stat(file)).size > FILE_LIMIT_BYTES) return null
    const value: unknown = parse(await readFile(file, 'utf8'), { logLevel: 'error', maxAliasCount: 100 })
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

async function kustomizationFile(folder: string): Promise<string | null> {
  for (const name of NAMES) {
    const file = join(folder, name)
    if (await stat(file).then((found) => found.isFile(), () => false)) return file
  }
  return null
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep)
}
