import { posix } from 'node:path'
import { parseDocument } from 'yaml'
import { permanent } from '../failure.ts'
import { asksOfService, HARMLESS_AT_TOP, type Fields } from './host-keys.ts'
import { interpolate, namesIn } from './interpolate.ts'
import type { ComposeTargetEstate } from './target.ts'

export type HostAccessInput = {
  readonly text: string
  /** The compose file in words. */
  readonly where: string
  readonly estate: Pick<ComposeTargetEstate, 'directory' | 'allow'>
  /** All that is known here; the host's own environment may have more. */
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Who can push to the repository shall not get the host by its compose file. What is known to be harmless passes; a service
 * that asks for more, a path outside of the target's folder, and what another project keeps there, is refused unless the
 * estate allows it by name. A file that is placed on the host is the operator's own and not looked at.
 *
 * @throws a permanent `InvalidConfiguration` that names everything which is asked for
 */
export function refuseHostAccess(input: HostAccessInput): void {
  const root = parseDocument(input.text, { merge: true, logLevel: 'error' }).toJS({ maxAliasCount: 100 }) as Fields
  const found = [...asksOf(root, input)]
  if (found.length === 0) return
  throw permanent(
    'InvalidConfiguration',
    `${input.where} asks for the host: ${found.slice(0, 10).join('; ')}${found.length > 10 ? `; and ${found.length - 10} more` : ''}; expected only paths below ${input.estate.directory} and no privileges. Take it out, or let the operator allow it by name in the estate (target.compose.allow: paths, privileges)`,
  )
}

function* asksOf(root: Fields, input: HostAccessInput): Generator<string> {
  const { privileges = [] } = input.estate.allow ?? {}
  for (const key of Object.keys(root)) if (!HARMLESS_AT_TOP.test(key)) yield `the file has ${key}`
  for (const [name, service] of entries(root['services'])) {
    if (!privileges.includes(name)) for (const ask of asksOfService(service, input.variables)) yield `${name} asks for ${ask}`
    for (const path of pathsOf(service, input)) yield* foreign(`${name} names`, path, input)
  }
  for (const [kind, name, value] of named(root, ['volumes', 'networks'])) {
    if (privileges.includes(name)) continue
    // What is there under a name of its own, or by another driver, belongs to somebody else, or is not only the engine's.
    for (const key of ['external', 'name', 'driver_opts']) if (isSet(value[key])) yield `${kind}.${name} has ${key}`
    const driver = value['driver']
    if (isSet(driver) && driver !== 'local' && driver !== 'bridge') yield `${kind}.${name} has another driver`
  }
  for (const [kind, name, value] of named(root, ['secrets', 'configs'])) {
    if (isSet(value['file'])) yield* foreign(`${kind}.${name} names`, spoken(value['file']), input)
  }
}

/** Every path of the host that a service names: what is mounted from it, and what is read from it. */
function pathsOf(service: Fields, input: HostAccessInput): string[] {
  const mounts = list(service['volumes']).flatMap((each) => {
    if (typeof each === 'string') {
      // Parted when the variables are in their places, as compose does it.
      const [source, target] = namesIn(each).every((name) => Object.hasOwn(input.variables, name))
        ? interpolate(each, input.variables).text.split(':')
        : [each, '']
      return target === undefined ? [] : [source ?? '']
    }
    return isMap(each) && each['type'] !== 'tmpfs' && isSet(each['source']) ? [spoken(each['source'])] : []
  })
  const read = ['env_file', 'label_file'].flatMap((key) => list(service[key]).map((each) => spoken(isMap(each) ? each['path'] : each)))
  return [...mounts, ...read.map((each) => (/^[./~\\$]/.test(each) ? each : `./${each}`))]
}

/** Says so of a path that is outside of the target's folder and of what the estate allows, or that cannot be told. */
function* foreign(what: string, template: string, { estate, variables }: HostAccessInput): Generator<string> {
  const unknown = namesIn(template).find((name) => !Object.hasOwn(variables, name))
  if (unknown !== undefined) {
    yield `${what} a path with ${unknown} in it, whose value only the host knows`
    return
  }
  const { text } = interpolate(template, variables)
  // A name is a volume of the engine.
  if (!/^[./~\\]/.test(text)) return
  const path = posix.resolve(estate.directory, text)
  const isInside = !/^[~\\]/.test(text) && [estate.directory, ...(estate.allow?.paths ?? [])].some((folder) => isBelow(path, folder))
  if (!isInside) yield `${what} ${text}`
}

function isBelow(path: string, folder: string): boolean {
  const top = posix.resolve(folder)
  return path === top || path.startsWith(top === '/' ? '/' : `${top}/`)
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(isMap(value) && Object.keys(value).length === 0)
}

function spoken(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** What stands at the top of the file under these keys. */
function named(root: Fields, kinds: readonly string[]): (readonly [kind: string, name: string, value: Fields])[] {
  return kinds.flatMap((kind) => entries(root[kind]).map(([name, value]) => [kind, name, value] as const))
}

function entries(value: unknown): [string, Fields][] {
  return isMap(value) ? Object.entries(value).flatMap(([name, each]) => (isMap(each) ? [[name, each] as [string, Fields]] : [])) : []
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
