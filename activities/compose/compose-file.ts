import { parseDocument } from 'yaml'
import type { Parsed } from '../../domain/parsed.ts'

/** What Slipway reads of a compose file; everything else is compose's own business. */
export type ComposeFile = {
  /** A further file has to repeat it for compose v1. */
  readonly version: string | null
  readonly name: string | null
  readonly services: readonly ComposeService[]
}

export type ComposeService = {
  readonly name: string
  /** With its variables still in it; null for a service that has none, such as one that is only built. */
  readonly image: string | null
  /** Started by a plain `up`: it is in no profile and is not scaled to nothing. */
  readonly started: boolean
  /** The services that compose starts with it. */
  readonly needs: readonly string[]
}

const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** @param where the file in words, for the problem: `docker-compose.yml at 1a2b3c4d` */
export function parseComposeFile(text: string, where: string): Parsed<ComposeFile> {
  const document = parseDocument(text, { merge: true, logLevel: 'error' })
  const [error] = document.errors
  if (error) return problem(where, `YAML, found a mistake: ${error.message.split('\n')[0]}`)
  let root: unknown
  try {
    root = document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    return problem(where, `a plain compose file, found one that cannot be unfolded: ${String(cause)}`)
  }
  if (!isMap(root) || !isMap(root['services'])) return problem(where, 'a compose file with "services:", found none')
  if (root['include'] !== undefined) return problem(where, 'one compose file, found an "include:"; only this file is brought to the host')
  const services = root['services']
  const names = Object.keys(services)
  const odd = names.find((name) => !SERVICE_NAME.test(name) || !isMap(services[name]))
  if (odd !== undefined)
    return problem(where, `a map below services.${JSON.stringify(odd)}, with a name of letters, digits, ".", "_" and "-"`)
  const foreign = names.find((name) => extendsOf(services[name])?.file)
  if (foreign !== undefined) {
    return problem(where, `services in this one file, found that ${foreign} extends another file; only this file is brought to the host`)
  }
  const { version, name } = root
  return {
    ok: true,
    value: {
      version: typeof version === 'string' || typeof version === 'number' ? String(version) : null,
      name: typeof name === 'string' ? name : null,
      services: names.map((each) => ({
        name: each,
        image: imageOf(services, each),
        started: isStarted(services[each]),
        needs: needsOf(services, each),
      })),
    },
  }
}

type Fields = Record<string, unknown>

function problem(where: string, expected: string): Parsed<never> {
  return { ok: false, problem: `expected in ${where} ${expected}` }
}

/** A service that extends another one of the file has its image, unless it names its own. */
function imageOf(services: Fields, name: string): string | null {
  const images = madeOf(services, name).map((each) => each['image'])
  return images.find((each) => typeof each === 'string') ?? null
}

/** What it depends on, and whose network, volumes or processes it shares. */
function needsOf(services: Fields, name: string): readonly string[] {
  const needs = madeOf(services, name).flatMap((service) => {
    const named = [...namesOf(service['depends_on']), ...namesOf(service['links']), ...namesOf(service['volumes_from'])]
    const shared = ['network_mode', 'ipc', 'pid'].flatMap((key) => /^service:(.+)$/.exec(String(service[key]))?.[1] ?? [])
    return [...named.map((each) => each.split(':', 1)[0] ?? ''), ...shared]
  })
  return [...new Set(needs)]
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : isMap(value) ? Object.keys(value) : []
}

/** A service, and those of the file that it extends, one after the other. */
function madeOf(services: Fields, name: string): readonly Fields[] {
  const made = new Map<string, Fields>()
  for (let next: string | undefined = name; next !== undefined && !made.has(next); next = extendsOf(services[next])?.service) {
    const service = Object.hasOwn(services, next) ? services[next] : undefined
    made.set(next, isMap(service) ? service : {})
  }
  return [...made.values()]
}

function extendsOf(service: unknown): { service: string; file: boolean } | null {
  const value = isMap(service) ? service['extends'] : undefined
  if (typeof value === 'string') return { service: value, file: false }
  if (!isMap(value) || typeof value['service'] !== 'string') return null
  return { service: value['service'], file: value['file'] !== undefined }
}

function isStarted(service: unknown): boolean {
  if (!isMap(service)) return false
  const { profiles, deploy, scale } = service
  const replicas = isMap(deploy) ? deploy['replicas'] : undefined
  return !(Array.isArray(profiles) && profiles.length > 0) && scale !== 0 && replicas !== 0
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
