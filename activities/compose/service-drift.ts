import { shortDigest } from '../../domain/digest.ts'
import type { Drift } from '../../domain/environment/drift.ts'
import type { ComposeContent } from './content.ts'
import type { LiveContainer, LiveImage, LiveProject } from './live-containers.ts'

/** What differs, and the services whose containers were started with another configuration than the one that was applied. */
export type ServiceDrift = { readonly drift: readonly Drift[]; readonly changed: readonly LiveContainer[] }

type Wanted = Pick<ComposeContent, 'expected' | 'known' | 'file' | 'overrides'>

/** Holds the containers of a project against what was applied: which there are, their state, their images. */
export function serviceDrift(wanted: Wanted, project: LiveProject): ServiceDrift {
  const { applied, containers } = project
  // A deployment that was stopped or failed may have left a service that is not of what counts.
  const isLeft = (service: string) => wanted.file !== null && project.brought.includes(service) && !wanted.known.includes(service)
  const services = [...new Set([...(wanted.expected ?? []), ...applied.map((each) => each.service)])].filter((each) => !isLeft(each))
  const drift = services.flatMap((service) => {
    const mine = containers.filter((each) => each.service === service)
    if (mine.length === 0) return [finding(service, null, 'there', 'missing', null)]
    return [
      ...countDrift(service, mine, project),
      ...mine.flatMap((each) => [...stateDrift(each, mine), ...imageDrift(wanted, each, project)]),
    ]
  })
  const others = containers.filter(
    (each) => !services.includes(each.service) && (isLeft(each.service) || !isKnown(wanted, each, applied.length > 0)),
  )
  const unwanted = others.map((each) =>
    finding(each.service, null, 'not there', `there as ${each.name}, and not of what was applied`, each.createdAt),
  )
  return { drift: [...drift, ...unwanted], changed: containers.filter((each) => isChanged(each, project)) }
}

export function finding(service: string, field: string | null, expected: string, found: string, at: number | null): Drift {
  return { object: `service ${service}`, field, expected, found, by: null, at }
}

/** What was there beside what was applied is in the record of it; without a record the file says what belongs to the project. */
function isKnown({ file, known }: Wanted, { service }: LiveContainer, hasRecord: boolean): boolean {
  return !hasRecord && (file === null || known.includes(service))
}

function countDrift(service: string, mine: readonly LiveContainer[], { applied }: LiveProject): readonly Drift[] {
  const count = applied.filter((each) => each.service === service).length
  if (count === 0 || count === mine.length) return []
  const newest = Math.max(0, ...mine.map((each) => each.createdAt ?? 0)) || null
  return [finding(service, 'containers', `${count}`, `${mine.length}`, mine.length > count ? newest : null)]
}

/** One that is started again and again is not well; that is for its health, and nobody changed it. */
function stateDrift(container: LiveContainer, mine: readonly LiveContainer[]): readonly Drift[] {
  const { service, name, status, exitCode, finishedAt } = container
  if (status === 'running' || status === 'restarting' || isDone(container)) return []
  const what = status === 'exited' ? `exited with exit code ${exitCode}` : status
  return [finding(service, 'state', 'running', mine.length > 1 ? `${what} (${name})` : what, finishedAt)]
}

/** A migration or another job; a service would publish something or be restarted. */
function isDone({ status, exitCode, restartPolicy, ports }: LiveContainer): boolean {
  return status === 'exited' && exitCode === 0 && restartPolicy === 'no' && ports.length === 0
}

function imageDrift({ overrides }: Wanted, container: LiveContainer, { applied, images }: LiveProject): readonly Drift[] {
  const { service, imageId, createdAt } = container
  const asked = Object.hasOwn(overrides, service) ? overrides[service] : undefined
  const pinned =
    asked === undefined ? null : `${asked.slice(0, asked.lastIndexOf(':', asked.indexOf('@')))}@${asked.slice(asked.indexOf('@') + 1)}`
  const ids = applied.flatMap((each) => (each.service === service ? [each.imageId] : []))
  const found = images.find((each) => each.id === imageId)
  const isAsApplied = ids.includes(imageId) || (pinned === null ? ids.length === 0 : found?.digests.includes(pinned) === true)
  if (isAsApplied) return []
  return [finding(service, 'image', pinned === null ? nameOf(ids[0] ?? '', images) : shortened(pinned), nameOf(imageId, images), createdAt)]
}

function nameOf(id: string, images: readonly LiveImage[]): string {
  const [digest] = images.find((each) => each.id === id)?.digests ?? []
  return digest === undefined ? `the image ${shortDigest(id)}` : shortened(digest)
}

function shortened(reference: string): string {
  const [name = '', digest = ''] = reference.split('@')
  return `${name}@${shortDigest(digest)}`
}

function isChanged({ service, hash }: LiveContainer, { applied }: LiveProject): boolean {
  const hashes = applied.flatMap((each) => (each.service === service ? [each.hash] : []))
  return hashes.length > 0 && !hashes.includes(hash)
}
