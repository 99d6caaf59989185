import { interpolate, namesIn } from './interpolate.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What a compose file may have at its top: compose knows more with every version, and this does not. Its name is judged apart. */
export const HARMLESS_AT_TOP = /^(version|name|services|volumes|networks|secrets|configs|x-.*)$/

/** What of a service reaches no further than its container, is judged by its paths, or builds: the image says what runs on a target. */
const HARMLESS = new Set(
  `annotations attach blkio_config build cap_drop command configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_shares cpus
   cpuset depends_on develop dns dns_opt dns_search domainname entrypoint env_file environment expose extends extra_hosts
   group_add healthcheck hostname image init label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness
   memswap_limit networks oom_score_adj pids_limit platform ports profiles pull_policy read_only restart scale secrets shm_size
   stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user volumes working_dir`.split(/\s+/),
)

/** What reaches further by some of its values. */
const JUDGED: Readonly<Record<string, (value: string) => boolean>> = {
  privileged: (value) => value !== 'false',
  network_mode: (value) => !/^"(bridge|none|default|service:[\w.-]+)"$/.test(value),
  pid: (value) => !/^"service:[\w.-]+"$/.test(value),
  ipc: (value) => !/^"(none|private|shareable|service:[\w.-]+)"$/.test(value),
  cgroup: (value) => value !== '"private"',
  security_opt: (value) => !/^\[("no-new-privileges(:true)?",?)*\]$/.test(value),
  volumes_from: (value) => /container:|\$/.test(value),
  // In the container of the service, unless they ask for more.
  post_start: (value) => /privileged/.test(value),
  pre_stop: (value) => /privileged/.test(value),
  deploy: (value) => /"devices"/.test(value),
}

/**
 * What a service asks for beyond its container, by its keys.
 *
 * @param variables all that is known here; the host's own environment may have more
 */
export function asksOfService(service: Fields, variables: Readonly<Record<string, string>>): string[] {
  const isBuilt = isPresent(service['build']) && !isPresent(service['image']) && !isPresent(service['extends'])
  const built = isBuilt ? ['being built there, for it has no image'] : []
  const keys = Object.entries(service).flatMap(([key, value]) => {
    if (value === null || HARMLESS.has(key) || key.startsWith('x-')) return []
    const judge = JUDGED[key]
    if (judge === undefined) return [key]
    const text = JSON.stringify(value)
    // What only the host knows may be anything.
    const isKnown = namesIn(text).every((name) => Object.hasOwn(variables, name))
    return !isKnown || judge(interpolate(text, variables).text) ? [key] : []
  })
  return [...keys, ...built]
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}
