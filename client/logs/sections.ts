import type { Slipway } from '../typed/slipway.ts'
import type { LogSource } from './choose.ts'

/** One service's or deployment's log: stored under a digest, or the newest line while it runs. */
export type LogSection = {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly log: string | null
  readonly line: string | null
}

export async function sectionsOf(slipway: Slipway, source: LogSource, service: string | null): Promise<LogSection[]> {
  switch (source.kind) {
    case 'build':
      return await buildSections(slipway, source, service)
    case 'environment':
      return await deploymentSections(slipway, source)
    default:
      return source satisfies never
  }
}

async function buildSections(slipway: Slipway, source: LogSource & { kind: 'build' }, service: string | null): Promise<LogSection[]> {
  const { revision, record } = source
  const [view, activities] = await Promise.all([slipway.build(revision), slipway.buildActivities(revision)])
  const services = (view?.services ?? []).filter((each) => service === null || each.service === service)
  const sections = services.map((each): LogSection => {
    const own = activities.find((activity) => activity.service === each.service) ?? (activities.length === 1 ? activities[0] : undefined)
    const seconds = each.seconds === null ? '' : ` in ${each.seconds.toFixed(1)} s`
    const retry = each.retry === null ? '' : `, waiting: ${each.retry.reason}`
    return {
      name: each.service,
      status: each.status,
      detail: `${each.status}${seconds}${retry}`,
      log: each.log,
      line: each.status === 'building' ? (own?.line ?? null) : null,
    }
  })
  const told = sections.filter((section) => section.log !== null || section.line !== null || section.status === 'failed')
  if (told.length > 0) return told
  // The build's own workflow is forgotten after a while; what the repository remembers of a failure stays.
  if (record?.status === 'failed') return [{ name: source.name, status: 'failed', detail: record.reason, log: record.log, line: null }]
  return sections.filter((section) => section.status === 'building' || section.status === 'waiting')
}

async function deploymentSections(slipway: Slipway, { name, picture }: LogSource & { kind: 'environment' }): Promise<LogSection[]> {
  const { running = null, parked = null } = picture.view?.state ?? {}
  if (running !== null) {
    const activities = await slipway.deploymentActivities(name, running.epoch)
    const line = activities.find((activity) => activity.line !== null)?.line ?? null
    const retry = running.retry === null ? '' : `, attempt ${running.attempt} failed: ${running.retry.reason}`
    return [{ name: `${name}: ${running.request.tag}`, status: 'building', detail: `${running.step}${retry}`, log: null, line }]
  }
  if (parked === null) return []
  const observed = parked.observed.join('\n')
  return [
    {
      name: `${name}: ${parked.request.tag}`,
      status: 'failed',
      detail: parked.reason,
      log: parked.log,
      line: observed === '' ? null : observed,
    },
  ]
}
