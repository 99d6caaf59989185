import { parse } from 'yaml'
import { z } from 'zod'

/** What PLAN_SCRIPT found out. */
export type ComposeAnswer = {
  /** The project's containers, without those that `docker-compose run` left. */
  readonly containers: readonly SeenContainer[]
  /** What compose would note on the containers of each service: another hash, and it makes them anew. */
  readonly hashes: ReadonlyMap<string, string>
  /** The effective configuration as it would be, and as it is by the files that lie there; null where compose cannot say. */
  readonly after: ServiceConfigs | null
  readonly before: ServiceConfigs | null
}

export type SeenContainer = {
  readonly id: string
  readonly name: string
  readonly service: string
  readonly hash: string
  readonly status: string
}

export type ServiceConfigs = Readonly<Record<string, ServiceConfig>>
export type ServiceConfig = Readonly<Record<string, unknown>>

export function readAnswer(stdout: string, call: string): ComposeAnswer {
  const section = (name: string) => sectionOf(stdout, call, name)
  const hashes = (section('hashes') ?? '').split('\n').flatMap((line) => {
    const [, service, hash] = /^(\S+) ([0-9a-f]{64})$/.exec(line.trim()) ?? []
    return service !== undefined && hash !== undefined ? [[service, hash] as const] : []
  })
  return {
    containers: containersOf(stdout, call),
    hashes: new Map(hashes),
    after: servicesOf(section('after')),
    before: servicesOf(section('before')),
  }
}

/** What stands after the line of that name, up to the next one. */
function sectionOf(stdout: string, call: string, name: string): string | null {
  const lines = stdout.split('\n')
  const start = lines.indexOf(`${call} ${name}`)
  if (start < 0) return null
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith(`${call} `))
  return rest.slice(0, end < 0 ? undefined : end).join('\n')
}

const containerSchema = z.tuple([z.string(), z.string(), z.record(z.string(), z.string()).nullable(), z.string()])

function containersOf(stdout: string, call: string): readonly SeenContainer[] {
  const start = `${call} container `
  return stdout.split('\n').flatMap((line) => {
    if (!line.startsWith(start)) return []
    const [id, name, labels, status] = containerSchema.parse(JSON.parse(line.slice(start.length)))
    const service = labels?.['com.docker.compose.service']
    if (service === undefined || labels?.['com.docker.compose.oneoff']?.toLowerCase() === 'true') return []
    return [{ id, name: name.replace(/^\//, ''), service, hash: labels?.['com.docker.compose.config-hash'] ?? '', status }]
  })
}

const configSchema = z.object({ services: z.record(z.string(), z.record(z.string(), z.unknown())) })

function servicesOf(text: string | null): ServiceConfigs | null {
  if (text === null || text.trim() === '') return null
  const read = configSchema.safeParse(parse(text, { logLevel: 'silent' }))
  return read.success ? read.data.services : null
}
