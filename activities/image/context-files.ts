import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'
import { readIgnoreRules, type IgnoreRules, type RuleMatches } from './dockerignore.ts'

export type ContextPlace = {
  /** The checkout's folder. */
  readonly checkout: string
  /** The context in it, such as `container/app`, or `.`. */
  readonly context: string
  /** The Dockerfile, relative to the context. */
  readonly dockerfile: string
}

export type ContextFiles = {
  /** The context's folder, every symbolic link on the way resolved. */
  readonly folder: string
  /** Relative to the folder, with `/`, a folder before what is in it; sorted, so that the same tree gives the same bytes. */
  readonly entries: readonly string[]
}

/**
 * What of a checkout goes to the engine: the context without what its .dockerignore leaves out. The Dockerfile and the
 * .dockerignore always go along; the engine takes them out again before COPY sees them.
 *
 * @throws permanent `InvalidConfiguration` when the context or the Dockerfile is not there or leads out of the checkout
 */
export async function listContext(place: ContextPlace): Promise<ContextFiles> {
  const root = await realpath(place.checkout)
  const folder = await inside(root, join(root, place.context), `the context ${quoted(place.context)}`)
  const dockerfile = posix.normalize(place.dockerfile)
  const name = `the Dockerfile ${quoted(posix.join(place.context, dockerfile))}`
  await inside(folder, join(folder, dockerfile), name, 'the context')
  const rules = await rulesOf(folder, dockerfile)
  const always = new Set([dockerfile, '.dockerignore', ...parents(dockerfile)])
  const entries: string[] = []
  await walk({ folder, rules, always, entries, atRoot: folder === root }, '', null)
  return { folder, entries: entries.toSorted() }
}

/** The real path, when it lies in `root`. */
async function inside(root: string, path: string, what: string, of = 'the repository'): Promise<string> {
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    throw permanent(
      'InvalidConfiguration',
      `slipway.yaml names ${what}, which is not there after checkout and pre-build (${error.code ?? 'unknown'}).`,
    )
  })
  if (real === root || real.startsWith(root + sep)) return real
  throw permanent(
    'InvalidConfiguration',
    `${what} is a symbolic link that leads out of ${of}; it is not followed. Put the files themselves there.`,
  )
}

/** `<Dockerfile>.dockerignore` stands above `.dockerignore`. A link is not followed: it could lead anywhere. */
async function rulesOf(folder: string, dockerfile: string): Promise<IgnoreRules | null> {
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const found = await lstat(join(folder, name)).catch(() => null)
    if (found?.isFile()) return readIgnoreRules(await readFile(join(folder, name), 'utf8'), name)
  }
  return null
}

type Walk = {
  readonly folder: string
  readonly rules: IgnoreRules | null
  readonly always: ReadonlySet<string>
  readonly entries: string[]
  readonly atRoot: boolean
}

async function walk(input: Walk, below: string, parent: RuleMatches | null): Promise<void> {
  for (const entry of await readdir(join(input.folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    // The checkout's own link to the mirror: of no use in an image, and it names a folder of this machine.
    if (input.atRoot && path === '.git') continue
    const judged = input.rules?.judge(path, parent) ?? { ignored: false, matches: null }
    const kept = !judged.ignored || input.always.has(path)
    if (kept && isSendable(entry)) input.entries.push(path)
    if (entry.isDirectory() && (kept || input.rules?.mayLetIn(path) === true)) await walk(input, path, judged.matches)
  }
}

/** Sockets, pipes and devices that a pre-build left behind have no place in an image. */
function isSendable(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): boolean {
  return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
