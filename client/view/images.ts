import { shortDigest } from '../../domain/digest.ts'
import { shortRef } from '../../domain/ref-rules.ts'
import { shortSha } from '../../domain/revision.ts'
import type { CandidateStatus } from '../json/status.ts'
import { retryText } from '../json/waits.ts'
import type { LiveBuild } from '../picture.ts'
import { age } from './duration.ts'
import { span, table, type Line, type Span } from './span.ts'

/** A candidate and its images: `tags` only where an image goes by other names than its refs. */
export function candidateLines(candidate: CandidateStatus): Line[] {
  const refs = candidate.refs.length === 0 ? '' : candidate.refs.join(', ')
  const services = Object.entries(candidate.images)
  return [
    [span('  '), span(shortSha(candidate.revision), 'bold'), span(`  ${refs}`)],
    ...table(
      services.map(([service, image]) => [
        span(service),
        span('✓', 'green'),
        span(shortDigest(image.digest)),
        span(image.reused ? 'reused' : 'built', 'dim'),
      ]),
      4,
    ),
  ]
}

/** A build that runs: each service, how it does, and the newest line of its log. */
export function buildLines(build: LiveBuild, options: { readonly now: number; readonly spinner: string }): Line[] {
  const services = build.view?.services ?? []
  return [
    [
      span('  '),
      span(shortSha(build.revision), 'bold'),
      span(`  ${shortRef(build.ref)}  `),
      span(`building for ${age(build.since, options.now)}`, 'cyan'),
    ],
    ...table(
      services.map((service) => [span(service.service), ...serviceCells(build, service, services.length, options)]),
      4,
    ),
    ...otherLines(build),
  ]
}

type Service = NonNullable<LiveBuild['view']>['services'][number]

function serviceCells(
  build: LiveBuild,
  service: Service,
  services: number,
  { now, spinner }: { readonly now: number; readonly spinner: string },
): Span[] {
  if (service.retry !== null)
    return [span('!', 'yellow'), span('waiting', 'yellow'), span(`${service.retry.reason}; ${retryText(service.retry.at, now)}`)]
  switch (service.status) {
    case 'waiting':
      return [span('○', 'dim'), span('waiting', 'dim')]
    case 'building':
      return [span(spinner, 'cyan'), span('building'), span(newestLine(build, service.service, services), 'dim')]
    case 'built':
      return [span('✓', 'green'), span(`built${service.seconds === null ? '' : ` in ${service.seconds.toFixed(1)} s`}`)]
    case 'reused':
      return [span('✓', 'green'), span('reused')]
    case 'failed':
      return [span('✗', 'red'), span('failed', 'red')]
    default:
      return service.status satisfies never
  }
}

/** A heartbeat that names no service can only be told apart where one is built alone. */
function newestLine(build: LiveBuild, service: string, services: number): string {
  const own = build.activities.find((activity) => activity.service === service)
  const only = services === 1 || build.activities.length === 1 ? build.activities[0] : undefined
  return own?.line ?? only?.line ?? ''
}

/** The others stand below, as they come. */
function otherLines({ activities }: LiveBuild): Line[] {
  if (activities.length < 2) return []
  return activities.flatMap((activity) =>
    activity.service === null && activity.line !== null ? [[span(`      ${activity.line}`, 'dim')]] : [],
  )
}
