import { shortDigest } from '../../domain/digest.ts'
import type { Container, Image } from './containers.ts'

/** What is to run. */
export type Wanted = {
  /** The compose services whose containers have to run; null: whatever the project has. */
  readonly services: readonly string[] | null
  /** The compose services that run an image of the candidate; null: only the host's file knows. */
  readonly overrides: Readonly<Record<string, string>> | null
  /** `registry/repository` and digest of every image of the candidate. */
  readonly images: readonly { readonly name: string; readonly digest: string }[]
  /** A container without a health check of its own has to stay up this long before it counts, from its own start. */
  readonly settleMs: number
}

/** `lines` say what was seen, one a container. `culprits` are containers whose logs say more. */
export type Judgement =
  | { readonly kind: 'ready'; readonly lines: readonly string[] }
  | { readonly kind: 'waiting'; readonly lines: readonly string[] }
  | { readonly kind: 'failed'; readonly lines: readonly string[]; readonly why: string; readonly culprits: readonly Container[] }

/** After this many starts that did not last, a container is not expected to recover. */
const RESTARTS = 3
/** A container that fell over before has to stay up longer than its restarts lie apart. */
const RECOVERY_MS = 3_000

type Finding = { readonly kind: 'ready' | 'waiting' | 'failed'; readonly line: string; readonly container: Container | null }

/** Judges one look at the project's containers. Pure: the same look, the same judgement. */
export function judge(wanted: Wanted, containers: readonly Container[], images: readonly Image[]): Judgement {
  const services = wanted.services ?? [...new Set(containers.map((each) => each.service))]
  const findings = [
    ...services.flatMap((service) => {
      const mine = containers.filter((each) => each.service === service)
      return mine.length > 0 ? mine.map((each) => judgeContainer(wanted, each, images)) : [absent(service)]
    }),
    ...unusedImages(wanted, containers, images),
  ]
  const lines = findings.map((each) => each.line)
  const failed = findings.filter((each) => each.kind === 'failed')
  if (failed.length > 0) {
    return { kind: 'failed', lines, why: failed[0]!.line, culprits: failed.flatMap((each) => each.container ?? []) }
  }
  return { kind: findings.some((each) => each.kind === 'waiting') ? 'waiting' : 'ready', lines }
}

function judgeContainer(wanted: Wanted, container: Container, images: readonly Image[]): Finding {
  const finding = (kind: Finding['kind'], what: string): Finding => ({ kind, line: `${container.service}: ${what}`, container })
  const image = judgeImage(wanted, container, images)
  if (image.problem !== null) return finding('failed', image.problem)
  const { status, health, upMs, restarts } = container
  switch (status) {
    case 'running':
      if (health === 'unhealthy')
        return finding('failed', `its health check fails${container.healthOutput ? `: ${container.healthOutput}` : ''}`)
      if (health === 'healthy') return finding('ready', `running and healthy${image.says}`)
      if (health !== null) return finding('waiting', 'running, its health check has not passed yet')
      return upMs >= Math.max(restarts > 0 ? RECOVERY_MS : 0, wanted.settleMs)
        ? finding('ready', `running${image.says}`)
        : finding('waiting', `running for ${seconds(upMs)}${restarts > 0 ? ` after ${restarts} restarts` : ''}`)
    case 'restarting':
      return restarts >= RESTARTS
        ? finding('failed', `ends with exit code ${container.exitCode} each time it is started, ${restarts} times so far`)
        : finding('waiting', `ended with exit code ${container.exitCode} and is started again`)
    case 'exited':
      // A migration or another job that is done; a service would publish something or be restarted.
      if (container.exitCode === 0 && container.restartPolicy === 'no' && !container.publishes)
        return finding('ready', `finished with exit code 0${image.says}`)
      return finding('failed', `ended with exit code ${container.exitCode}${container.error ? ` (${container.error})` : ''}`)
    case 'created':
      return container.error
        ? finding('failed', `could not be started: ${container.error}`)
        : finding('waiting', 'created, not started yet')
    default:
      return finding('failed', `is ${status}${container.error ? ` (${container.error})` : ''}`)
  }
}

/** The image id that it runs has to be the one that the candidate's digest stands for here. */
function judgeImage(wanted: Wanted, container: Container, images: readonly Image[]): { problem: string | null; says: string } {
  const found = images.find((each) => each.id === container.imageId)
  // Two services may be made of the same bytes: then one image on the host has both names.
  const isProven = (each: Wanted['images'][number]) => found?.digests.includes(`${each.name}@${each.digest}`) === true
  const asked = wanted.overrides === null ? null : (wanted.overrides[container.service] ?? null)
  const expected = asked === null ? null : wanted.images.find((each) => asked.startsWith(`${each.name}:`) && asked.endsWith(each.digest))
  if (expected && !isProven(expected)) {
    return {
      problem: `expected to run ${expected.name}@${shortDigest(expected.digest)}, found the image ${shortDigest(container.imageId)}, which is another one`,
      says: '',
    }
  }
  const proven = expected ?? wanted.images.find(isProven)
  return { problem: null, says: proven ? `, ${proven.name}@${shortDigest(proven.digest)}` : '' }
}

/** With a placed file, that every image of the candidate runs somewhere is all that can be asked for. */
function unusedImages(wanted: Wanted, containers: readonly Container[], images: readonly Image[]): readonly Finding[] {
  if (wanted.overrides !== null) return []
  return wanted.images
    .filter(({ name, digest }) => {
      const here = images.find((each) => each.digests.includes(`${name}@${digest}`))
      return !containers.some((each) => each.imageId === here?.id)
    })
    .map(({ name, digest }) => ({
      kind: 'failed',
      line: `${name}@${shortDigest(digest)}: no container of the project runs it`,
      container: null,
    }))
}

function absent(service: string): Finding {
  return { kind: 'failed', line: `${service}: has no container`, container: null }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
