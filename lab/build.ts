import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { gitea, kubelab, temporal } from './go-programs.ts'
import type { GoProgram } from './go-programs.ts'
import type { Binaries } from './lab.ts'
import { timed } from './log.ts'
import type { Log } from './log.ts'
import { withLock } from './machine/lock.ts'
import { findProgram } from './machine/programs.ts'
import { run } from './machine/run.ts'

/** Each is built at most once, one after the other (two at a time finish no sooner), whoever asks first. */
export function buildsOf(cache: string, environment: NodeJS.ProcessEnv, own: boolean, log: Log): Binaries {
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = (program: GoProgram) => {
    const built = queue.then(() => ensureBuilt(program, cache, environment, log))
    queue = built.catch(() => undefined)
    return built
  }
  const onPath = (name: string) => programOnPath(name, environment)
  return {
    temporal: once(async () => (own ? undefined : await onPath('temporal')) ?? (await inTurn(temporal))),
    kubelab: once(() => inTurn(kubelab)),
    gitea: once(() => inTurn(gitea)),
    clientsOnPath: async () => {
      const [kubectl, kustomize] = await Promise.all([onPath('kubectl'), onPath('kustomize')])
      return kubectl && kustomize ? { kubectl, kustomize } : undefined
    },
  }
}

/** The path of the built program, out of the cache or made now. Nothing half-made is ever found there. */
export async function ensureBuilt(program: GoProgram, cache: string, environment: NodeJS.ProcessEnv, log: Log): Promise<string> {
  const source = join(import.meta.dirname, 'go', program.name)
  const folder = join(cache, 'go', `${program.name}-${await sourceHash(program, source)}`)
  const result = join(folder, program.name)
  if (existsSync(result)) return result
  const go = await findGo(environment)
  return await withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(result)) return result
      await mkdir(folder, { recursive: true })
      const unfinished = `${result}.unfinished`
      await rm(unfinished, { force: true })
      const what = `building ${program.what} (once per machine, about ${program.minutes} minutes on two cores)`
      await timed(log, what, () => build(go, program, source, folder, unfinished))
      await rename(unfinished, result)
      return result
    },
    () => log.say(`another lab is building ${program.what}: waiting for it …`),
  )
}

async function build(go: string, program: GoProgram, source: string, folder: string, output: string): Promise<void> {
  const { module } = program
  const where = module === undefined ? source : await downloaded(go, source, module.path)
  for (const name of module?.beside ?? []) {
    await rm(join(folder, name), { recursive: true, force: true })
    // The module cache is read-only, and whoever owns the copy has to be able to delete it.
    await run(['cp', '-r', '--no-preserve=mode', join(where, name), join(folder, name)])
  }
  await run([go, ...goArguments(program, where, output)], { env: { CGO_ENABLED: program.cgo ? '1' : '0' } })
}

/** The folder of a module, which Go has compared with the go.sum in `source`. */
async function downloaded(go: string, source: string, path: string): Promise<string> {
  const { Dir } = JSON.parse(await run([go, 'mod', 'download', '-json', path], { cwd: source })) as { Dir: string }
  return Dir
}

export function goArguments(program: GoProgram, source: string, output: string): string[] {
  return ['build', '-C', source, ...program.flags, '-o', output, program.package]
}

async function sourceHash(program: GoProgram, source: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(ingredients(program)))
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(source, name)).catch(() => ''))
  return hash.digest('hex').slice(0, 12)
}

/** Those that have no module of their own keep the names under which earlier versions of the lab cached them. */
function ingredients({ package: what, flags, module }: GoProgram): unknown[] {
  return [what, flags, process.arch, ...(module === undefined ? [] : [module])]
}

async function findGo(environment: NodeJS.ProcessEnv): Promise<string> {
  const go = await findProgram('go', [...pathOf(environment), '/usr/local/go/bin'])
  if (go) return go
  throw new Error(
    'Go 1.26 or newer is needed to build Temporal and Kubernetes, and there is no "go" on the PATH: install it from https://go.dev/dl into /usr/local/go.\nInstead of building: put a "temporal" on the PATH or set TEMPORAL_ADDRESS, and name a cluster with --kubeconfig FILE.',
  )
}

/** A shell that has a lab's `env` loaded has that lab's programs on its PATH. */
async function programOnPath(name: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  return environment['SLIPWAY_LAB'] ? undefined : await findProgram(name, pathOf(environment))
}

function pathOf(environment: NodeJS.ProcessEnv): string[] {
  return (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
