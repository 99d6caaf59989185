import type { ServiceImage } from '../../domain/candidate.ts'
import { imageName } from './images.ts'
import type { Pod } from './live.ts'

type DigestCheck = {
  /** Containers that run something else than the candidate, as sentences. */
  readonly wrong: readonly string[]
  /** `website runs sha256:…` and what is worth knowing beside it. */
  readonly observed: readonly string[]
}

/**
 * Compares what the pods run with the candidate. A container runtime names an image by one of its digests: the same image
 * pulled through an index or another manifest may show the other name (seen with containerd). What the pod asked for by
 * digest is what the runtime checked, so that case is told and not refused; a pod that asks for anything else is refused.
 */
export function checkDigests(pods: readonly Pod[], images: readonly ServiceImage[], registry: string): DigestCheck {
  const wanted = new Map(images.map((image) => [`${registry}/${image.repository}`, image]))
  const wrong = new Set<string>()
  const observed = new Set<string>()
  for (const pod of pods) {
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
      const image = wanted.get(imageName(container.image ?? ''))
      if (!image) continue
      const running = digestIn(statuses.find((each) => each.name === container.name)?.imageID)
      if (digestIn(container.image) !== image.digest) {
        wrong.add(`pod ${pod.metadata.name}: container ${container.name} runs ${container.image}, not the candidate's ${image.digest}`)
      } else if (running === null || running === image.digest) {
        observed.add(`${image.service} runs ${image.digest}`)
      } else {
        observed.add(`${image.service} runs ${image.digest} (its node also knows that image as ${running})`)
      }
    }
  }
  return { wrong: [...wrong], observed: [...observed].toSorted() }
}

/** `docker-pullable://registry.example/eap/website@sha256:…` → `sha256:…` */
export function digestIn(reference: string | undefined): string | null {
  return /sha256:[0-9a-f]{64}$/.exec(reference ?? '')?.[0] ?? null
}
