import { posix } from 'node:path'
import { parseDocument } from 'yaml'
import { permanent } from '../failure.ts'
import { interpolate } from './interpolate.ts'
import type { ComposeTargetEstate } from './target.ts'

type Fields = Readonly<Record<string, unknown>>

export type HostAccessInput = {
  readonly text: string
  /** The compose file in words. */
  readonly where: string
  readonly estate: Pick<ComposeTargetEstate, 'directory' | 'allow'>
  readonly variables: Readonly<Record<string, string>>
  /** Names of variables whose values are not known here. */
  readonly secrets: readonly string[]
}

/** What gives a container the host itself, by its key in a service, and the values that do. */
const PRIVILEGES: Readonly<Record<string, (value: unknown) => boolean>> = {
  privileged: (value) => value !== false,
  network_mode: (value) => /^(host|container:)/.test(String(value)),
  pid: isForeign,
  ipc: isForeign,
  uts: isForeign,
  cgroup: isForeign,
  userns_mode: isForeign,
  cap_add: isSome,
  devices: isSome,
  device_cgroup_rules: isSome,
  cgroup_parent: isSome,
  credential_spec: isSome,
  // Compose runs this as a program of its own on the host.
  provider: isSome,
  security_opt: (value) => !(Array.isArray(value) && value.every((each) => /^no-new-privileges(:true)?$/.test(String(each)))),
  volumes_from: (value) => !Array.isArray(value) || value.some((each) => String(each).startsWith('container:')),
  post_start: (value) => JSON.stringify(value ?? null).includes('privileged'),
  pre_stop: (value) => JSON.stringify(value ?? null).includes('privileged'),
}

/**
 * Who can push to the repository shall not get the host by its compose file: a service that asks for privileges, or a path
 * outside of the target's folder, is refused unless the estate allows it by name. A file that is placed on the host is the
 * operator's own and not looked at.
 *
 * @throws a permanent `InvalidConfiguration` that names everything which is asked for
 */
export function refuseHostAccess(input: HostAccessInput): void {
  const root = parseDocument(input.text, { merge: true, logLevel: 'silent' }).toJS({ maxAliasCount: 100 }) as Fields
  const found = [...asksOf(root, input)]
  if (found.length === 0) return
  const [first = '', ...more] = found
  throw permanent(
    'InvalidConfiguration',
    `${input.where} asks for the host: ${[first, ...more].slice(0, 10).join('; ')}; expected only paths below ${input.estate.directory} and no privileges. Take it out, or let the operator allow it by name in the estate (target.compose.allow: paths, privileges)`,
  )
}

function* asksOf(root: Fields, input: HostAccessInput): Generator<string> {
  const { paths = [], privileges = [] } = input.estate.allow ?? {}
  for (const [name, service] of entries(root['services'])) {
    if (!privileges.includes(name)) for (const key of privilegesOf(service, input)) yield `${name} asks for ${key}`
    for (const path of pathsOf(service)) {
      const outside = outsideOf(path, paths, input)
      if (outside !== null) yield `${name} names ${outside}`
    }
  }
  for (const kind of ['volumes', 'secrets', 'configs']) {
    for (const [name, value] of entries(root[kind])) {
      const device = isMap(value['driver_opts']) ? value['driver_opts']['device'] : undefined
      for (const path of [device, value['file']]) {
        const outside = path === undefined || path === null ? null : outsideOf(spoken(path), paths, input)
        if (outside !== null) yield `${kind}.${name} names ${outside}`
      }
    }
  }
}

function privilegesOf(service: Fields, { variables }: HostAccessInput): string[] {
  return Object.entries(PRIVILEGES).flatMap(([key, asks]) => {
    const value = service[key]
    if (value === undefined || value === null) return []
    return asks(typeof value === 'string' ? interpolate(value, variables).text : value) ? [key] : []
  })
}

/** Every path of the host that a service names: what is mounted from it, and what is read into its environment. */
function pathsOf({ volumes, env_file: files }: Fields): string[] {
  const mounts = list(volumes).flatMap((each) => {
    if (typeof each === 'string') {
      const source = splitMount(each)
      return source !== null && /^(?:[./~\\]|\$)/.test(source) ? [source] : []
    }
    return isMap(each) && each['type'] !== 'volume' && each['type'] !== 'tmpfs' && each['source'] !== undefined
      ? [spoken(each['source'])]
      : []
  })
  const environment = list(files).map((each) => spoken(isMap(each) ? each['path'] : each))
  return [...mounts, ...environment]
}

/** The host's side of `source:target[:mode]`; a colon inside of `${…}` is not one that parts them. */
function splitMount(text: string): string | null {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('${', at)) depth++
    else if (text[at] === '}' && depth > 0) depth--
    else if (text[at] === ':' && depth === 0) return text.slice(0, at)
  }
  return null
}

/** @returns the path in words when it is outside of the target's folder and of what the estate allows; null otherwise */
function outsideOf(template: string, allowed: readonly string[], { estate, variables, secrets }: HostAccessInput): string | null {
  const { text, missing } = interpolate(template, variables)
  // The host's own environment may have one of that name.
  const [unknown] = missing
  if (unknown !== undefined)
    return `a path with ${secrets.includes(unknown) ? 'the secret' : 'a variable that the estate does not set,'} ${unknown}`
  // A name is a volume of the engine.
  if (!/^[./~\\]/.test(text)) return null
  if (text.startsWith('~') || text.startsWith('\\')) return text
  const path = posix.resolve(estate.directory, text)
  return [estate.directory, ...allowed].some((folder) => isBelow(path, folder)) ? null : text
}

function isBelow(path: string, folder: string): boolean {
  const top = posix.resolve(folder)
  return path === top || path.startsWith(top === '/' ? '/' : `${top}/`)
}

function isForeign(value: unknown): boolean {
  return /^(host|container:)/.test(String(value))
}

function spoken(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

function isSome(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== ''
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
