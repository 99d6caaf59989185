import type { PlannedChange } from '../contract.ts'
import type { ComposeAnswer, SeenContainer, ServiceConfigs } from './plan-answer.ts'
import { serviceDiff, type IsPlain } from './service-diff.ts'

type PlanServices = {
  readonly answer: ComposeAnswer
  /** The services that are named to `up`; empty: all. */
  readonly services: readonly string[]
  /** Services that Slipway brought up and that the compose file does not have: their containers are removed. */
  readonly gone: readonly string[]
  /** Which values may be shown. */
  readonly isPlain: { readonly before: IsPlain; readonly after: IsPlain }
}

/** What `up` would do with the containers of each service. Pure: the same answer, the same plan. */
export function planServices({ answer, services, gone, isPlain }: PlanServices): readonly PlannedChange[] {
  const { containers, hashes, after, before } = answer
  const diffOf = (service: string, keep: { before?: false; after?: false } = {}) => {
    const [from, to] = [configOf(before, service), configOf(after, service)]
    return serviceDiff(keep.before === false ? null : from, keep.after === false ? null : to, isPlain)
  }
  const wanted = startedServices(services, hashes, after).map((service): PlannedChange => {
    const own = containers.filter((each) => each.service === service)
    const object = `service ${service}`
    if (own.length === 0) return { object, change: 'create', diff: diffOf(service, { before: false }), note: null }
    if (own.some(({ hash }) => hash !== hashes.get(service))) {
      const diff = configOf(before, service) === null ? null : diffOf(service)
      return { object, change: 'replace', diff, note: `${anew(own)}${diff === null ? WHY_ANEW : ''}` }
    }
    const still = own.filter(({ status }) => status !== 'running')
    if (still.length > 0) return { object, change: 'update', diff: null, note: `${listed(still)} is ${still[0]!.status} and is started` }
    return { object, change: 'unchanged', diff: null, note: null }
  })
  const removed = gone.flatMap((service): PlannedChange[] => {
    const own = containers.filter((each) => each.service === service)
    if (own.length === 0) return []
    const note = `the compose file does not have it: ${listed(own)} is removed`
    return [{ object: `service ${service}`, change: 'delete', diff: diffOf(service, { after: false }), note }]
  })
  return [...wanted, ...removed]
}

/** Those that are named with all that they depend on, or all that compose starts by itself. */
function startedServices(named: readonly string[], hashes: ReadonlyMap<string, string>, configs: ServiceConfigs | null): readonly string[] {
  const started = new Set(named.length > 0 ? named : hashes.keys())
  // A set that grows is walked to its end.
  for (const service of started) for (const other of dependenciesOf(configOf(configs, service))) started.add(other)
  return [...started].toSorted()
}

function dependenciesOf(config: ServiceConfigs[string] | null): readonly string[] {
  const on = config?.['depends_on']
  if (Array.isArray(on)) return on.filter((each) => typeof each === 'string')
  return typeof on === 'object' && on !== null ? Object.keys(on) : []
}

function configOf(configs: ServiceConfigs | null, service: string): ServiceConfigs[string] | null {
  return configs !== null && Object.hasOwn(configs, service) ? configs[service]! : null
}

const WHY_ANEW = ': it was made of something else, such as another image under this name, or the value of a secret'

function anew(containers: readonly SeenContainer[]): string {
  return `${listed(containers)} is made anew`
}

function listed(containers: readonly SeenContainer[]): string {
  return containers
    .map(({ name }) => name)
    .toSorted()
    .join(', ')
}
