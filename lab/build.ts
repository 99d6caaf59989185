import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Binaries } from './lab.ts'
import { timed } from './log.ts'
import type { Log } from './log.ts'
import { withLock } from './machine/lock.ts'
import { findProgram } from './machine/programs.ts'
import { run } from './machine/run.ts'

/** A program that is compiled from the Go module proxy, version and checksums pinned by a go.mod and go.sum of the lab's own. */
type GoProgram = { name: string; what: string; minutes: number; package: string; flags: readonly string[] }

export const temporal: GoProgram = {
  name: 'temporal',
  what: 'the Temporal server',
  minutes: 3,
  package: 'github.com/temporalio/cli/cmd/temporal',
  flags: ['-trimpath', '-ldflags=-s -w'],
}

const kubernetesVersion = 'v1.34.4'

/** Clients cannot parse what an unversioned API server says of itself; optimisation would double the time to compile. */
export const kubelab: GoProgram = {
  name: 'kubernetes',
  what: `Kubernetes ${kubernetesVersion} and kustomize`,
  minutes: 5,
  package: '.',
  flags: [
    '-trimpath',
    '-gcflags=all=-N -l',
    `-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=${kubernetesVersion} -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=34 -X k8s.io/client-go/pkg/version.gitVersion=${kubernetesVersion}`,
  ],
}

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
    clientsOnPath: async () => {
      const [kubectl, kustomize] = await Promise.all([onPath('kubectl'), onPath('kustomize')])
      return kubectl && kustomize ? { kubectl, kustomize } : undefined
    },
  }
}

/** The path of the built program, out of the cache or made now. Nothing half-made is ever found there. */
async function ensureBuilt(program: GoProgram, cache: string, environment: NodeJS.ProcessEnv, log: Log): Promise<string> {
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
      await timed(log, what, () => run([go, ...goArguments(program, source, unfinished)], { env: { CGO_ENABLED: '0' } }))
      await rename(unfinished, result)
      return result
    },
    () => log.say(`another lab is building ${program.what}: waiting for it …`),
  )
}

export function goArguments(program: GoProgram, source: string, output: string): string[] {
  return ['build', '-C', source, ...program.flags, '-o', output, program.package]
}

async function sourceHash(program: GoProgram, source: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([program.package, program.flags, process.arch]))
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(source, name)).catch(() => ''))
  return hash.digest('hex').slice(0, 12)
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
