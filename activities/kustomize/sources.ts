import { readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { quoted } from '../../domain/parsed.ts'

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Fields whose entries are files or folders that kustomize loads; the second kind holds configurations of plugins. */
const RESOURCES = ['resources', 'bases', 'components'] as const
const PLUGINS = ['generators', 'transformers', 'validators'] as const
/** Fields that may name a file to load somewhere inside. */
const NESTED = ['crds', 'configurations', 'openapi', 'patches', 'patchesJson6902', 'patchesStrategicMerge', 'replacements'] as const

const FILE_LIMIT_BYTES = 1024 * 1024
const RESOURCE_LIMIT_BYTES = 5 * 1024 * 1024
const FOLDER_LIMIT = 200
const ALIAS_LIMIT = 1000

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
  const remote = remoteIn(NESTED.map((field) => valuesAt(kustomization, field))) ?? remoteIn(generatedFiles(kustomization))
  if (remote) return refusedRemote(where, remote)
  for (const text of NESTED.flatMap((field) => stringsIn(valuesAt(kustomization, field)))) {
    const bomb = text.includes('\n') ? null : await checkAliases(walk, resolve(folder, text))
    if (bomb) return bomb
  }
  for (const text of stringsIn(generatedFiles(kustomization))) {
    const large = await checkSize(walk, resolve(folder, withoutKey(text)))
    if (large) return large
  }
  for (const field of [...RESOURCES, ...PLUGINS]) {
    for (const entry of valuesAt(kustomization, field).flat()) {
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
  if (!place)
    return `${where} names ${quoted(entry)}, which is not in the repository; remote bases are not fetched: keep a copy in the repository`
  if (!isBelow(walk.root, place)) return `${where} names ${quoted(entry)}, which lies outside the repository`
  const found = await stat(place)
  if (found.isDirectory()) walk.waiting.push({ folder: place, plugins })
  else return (await checkAliases(walk, place)) ?? (plugins ? remoteInText(where, await readFile(place, 'utf8')) : null)
  return null
}

/** kustomize resolves every alias, and a few nested ones are enough to keep it busy until its memory ends. */
async function checkAliases(walk: Walk, file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null)
  if (!found?.isFile()) return null
  if (found.size > RESOURCE_LIMIT_BYTES) return tooLarge(walk, file)
  const text = await readFile(file, 'utf8')
  if (!/(^|[\s[{,])\*[^\s*,[\]{}]/m.test(text)) return null
  try {
    for (const document of parseAllDocuments(text, { logLevel: 'silent' })) document.toJS({ maxAliasCount: ALIAS_LIMIT })
    return null
  } catch {
    return `${relative(walk.root, file)} holds YAML aliases that expand to more than a person would write`
  }
}

async function checkSize(walk: Walk, file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null)
  return found?.isFile() === true && found.size > RESOURCE_LIMIT_BYTES ? tooLarge(walk, file) : null
}

function tooLarge({ root }: Walk, file: string): string {
  return `${relative(root, file)} is over ${RESOURCE_LIMIT_BYTES >> 20} MB`
}

/** Configurations of kustomize's own plugins may name files to load anywhere in them. */
function remoteInText(where: string, text: string): string | null {
  const url = /(?<=^|[\s"'=,[{])https?:\/\/\S+/im.exec(text)
  return url ? refusedRemote(where, url[0]) : null
}

function generatedFiles(kustomization: Record<string, unknown>): unknown[] {
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap((field) => valuesAt(kustomization, field)).flat()
  return generators.flatMap((generator) => {
    const fields = typeof generator === 'object' && generator !== null ? (generator as Record<string, unknown>) : {}
    return ['files', 'env', 'envs'].flatMap((field) => valuesAt(fields, field))
  })
}

/** kustomize takes a key for its own however it is cased. */
function valuesAt(map: Record<string, unknown>, field: string): unknown[] {
  return Object.entries(map).flatMap(([key, value]) => (key.toLowerCase() === field.toLowerCase() ? [value] : []))
}

function remoteIn(value: unknown): string | null {
  return stringsIn(value).find((text) => isRemote(text) || isRemote(withoutKey(text))) ?? null
}

/** `files` may have the form `key=path`. */
function withoutKey(text: string): string {
  return text.replace(/^[^=\n]*=/, '')
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
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
    const value: unknown = parse(await readFile(file, 'utf8'), { logLevel: 'error', maxAliasCount: 100, merge: true })
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

async function kustomizationFile(folder: string): Promise<string | null> {
  for (const name of NAMES) {
    const file = join(folder, name)
    if (
      await stat(file).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return file
  }
  return null
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep)
}
