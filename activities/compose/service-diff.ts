import { stringify } from 'yaml'
import { unifiedDiff } from '../plan/unified-diff.ts'
import type { ServiceConfig } from './plan-answer.ts'

/** True for a value that everybody may see. */
export type IsPlain = (value: string) => boolean

/** What says where a service lies and what it may use, and holds no secret. */
const PLAIN_FIELDS = new Set([
  'cap_add',
  'cap_drop',
  'container_name',
  'cpus',
  'depends_on',
  'deploy',
  'expose',
  'hostname',
  'image',
  'init',
  'ipc',
  'links',
  'mem_limit',
  'network_mode',
  'networks',
  'pid',
  'ports',
  'privileged',
  'profiles',
  'read_only',
  'restart',
  'scale',
  'security_opt',
  'shm_size',
  'stop_grace_period',
  'stop_signal',
  'tmpfs',
  'tty',
  'ulimits',
  'user',
  'volumes',
  'working_dir',
])

/**
 * How the effective configuration of a service would change, as a unified diff of its YAML. Null stands for a service that
 * is not there. Values that only the host knows, from an env_file or its `.env`, are hidden; that they change is not.
 */
export function serviceDiff(
  before: ServiceConfig | null,
  after: ServiceConfig | null,
  isPlain: { readonly before: IsPlain; readonly after: IsPlain },
): string | null {
  return unifiedDiff(
    yamlOf(before && shown(before, after, { isPlain: isPlain.before, side: 'before' })),
    yamlOf(after && shown(after, before, { isPlain: isPlain.after, side: 'after' })),
  )
}

type Side = { readonly isPlain: IsPlain; readonly side: 'before' | 'after' }

function shown(config: ServiceConfig, other: ServiceConfig | null, side: Side): unknown {
  const fields = Object.entries(config).map(([field, value]) => [
    field,
    PLAIN_FIELDS.has(field) ? value : hide(value, other?.[field], side),
  ])
  return Object.fromEntries(fields)
}

function hide(value: unknown, other: unknown, side: Side): unknown {
  if (Array.isArray(value)) return value.map((each, index) => hide(each, Array.isArray(other) ? other[index] : undefined, side))
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hide(each, isMap(other) ? other[key] : undefined, side)]))
  }
  if (value === null || typeof value === 'boolean') return value
  if ((typeof value === 'string' || typeof value === 'number') && side.isPlain(`${value}`)) return value
  return other === undefined || other === value ? '***' : `*** (${side.side})`
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function yamlOf(config: unknown): string {
  return config === null ? '' : stringify(config, { lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false })
}
