import { setTimeout as sleep } from 'node:timers/promises'
import type { Verified } from '../contract.ts'
import type { ActInput } from '../deploy/target.ts'
import { permanent, transient } from '../failure.ts'
import type { Kubernetes } from './client.ts'
import type { Clock } from './clock.ts'
import { unusedServices } from './content.ts'
import { checkFence } from './fence.ts'
import { spoken, type Manifest } from './manifests.ts'
import { createPatience } from './patience.ts'
import { pollDelayMs } from './persistence.ts'
import { isInfrastructure } from './pod-problem.ts'
import { createPodWatch } from './pod-watch.ts'
import { followedObjects, look, type Look } from './rollout-look.ts'
import { gatherWords } from './rollout-words.ts'
import { checkDigests } from './running-digests.ts'

/** Pods are asked about less often than the few objects that own them. */
const POD_LOOK_MS = 500
/** Between looks at pods that only have to last a moment. */
const SETTLING_MS = 250
const OBSERVED_LIMIT = 50

/** Follows all that says how far it is until it is there, fails or the time is over; then compares the running digests. */
export async function followRollout(
  kubernetes: Kubernetes,
  namespace: string,
  manifests: readonly Manifest[],
  input: ActInput,
  { clock, signal, say }: { clock: Clock; signal: AbortSignal; say: (line: string) => void },
): Promise<Verified> {
  const place = { kubernetes, namespace, owner: { project: input.project, environment: input.environment } }
  const followed = await followedObjects(kubernetes, namespace, manifests)
  const watch = createPodWatch(kubernetes, namespace, clock)
  const patient = createPatience()
  const startMs = clock.nowMs()
  let podsDueMs = startMs + POD_LOOK_MS / 2

  /** True while all that keeps it from coming up is that the cluster has no room for it. */
  let hasNoRoom = false

  /** Whoever was overtaken by a younger deployment has nothing to say about what runs there. */
  const fail = async (looks: readonly Look[], culprit: Look, why: string): Promise<never> => {
    await checkFence(place, input.fence)
    const words = await gatherWords(
      kubernetes,
      namespace,
      looks.filter((each) => each.status.state !== 'done'),
      culprit,
    )
    const observed = [`${spoken(culprit)}: ${why}`, ...words.lines].slice(0, OBSERVED_LIMIT)
    throw permanent(
      'RolloutFailed',
      `${spoken(culprit)} in namespace ${namespace} does not come up: ${why}.${words.last ? ` Its last words: ${words.last}` : ''}`,
      { observed, ...(hasNoRoom ? { infrastructure: true } : {}) },
    )
  }

  const fenceAtFirst = checkFence(place, input.fence)
  for (;;) {
    const [, ...found] = await Promise.all([fenceAtFirst, ...followed.map((object) => look(kubernetes, namespace, object))])
    const nowMs = clock.nowMs()
    const looks = patient(found, nowMs)
    const broken = looks.find((each) => each.status.state === 'failed')
    if (broken) await fail(looks, broken, broken.status.line)
    const waiting = looks.filter((each) => each.status.state === 'waiting')

    if (waiting.length === 0 || nowMs >= podsDueMs) {
      const seen = await watch.look(waiting.length === 0 ? looks : waiting, nowMs)
      podsDueMs = nowMs + POD_LOOK_MS
      hasNoRoom = seen.verdict === null ? seen.infrastructure : isInfrastructure(seen.verdict.kind)
      if (seen.verdict?.kind === 'registry') {
        throw transient(`The node cannot get an image for ${spoken(seen.verdict.culprit)}: ${seen.verdict.words}.`)
      }
      if (seen.verdict) await fail(looks, seen.verdict.culprit, seen.verdict.words)
      if (waiting.length === 0 && seen.settled) return await verified(looks, seen.pods)
      say(
        waiting.length === 0
          ? 'everything runs; looking again in a moment, for it has no readiness probe'
          : spokenWaiting(waiting, seen.remark),
      )
    }

    const elapsedMs = nowMs - startMs
    const late = waiting[0]
    if (elapsedMs >= input.rolloutTimeoutMs && late) {
      await fail(looks, late, `${late.status.line}, after ${Math.round(elapsedMs / 1000)} s`)
    }
    await sleep(Math.max(pollDelayMs(elapsedMs), waiting.length === 0 ? SETTLING_MS : 0), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    )
  }

  async function verified(looks: readonly Look[], pods: Parameters<typeof checkDigests>[0]): Promise<Verified> {
    const { candidate, registry } = input
    const { wrong, observed } = checkDigests(pods, candidate.images, registry)
    if (wrong.length > 0) {
      await checkFence(place, input.fence)
      throw permanent('RolloutFailed', `Not what was deployed: ${wrong[0]}.`, { observed: wrong.slice(0, OBSERVED_LIMIT) })
    }
    const unused = unusedServices(manifests, candidate.images, registry).map(
      (service) => `${service}: no object of this environment uses its image`,
    )
    return { observed: [...looks.map((each) => `${spoken(each)}: ${each.status.line}`), ...observed, ...unused].slice(0, OBSERVED_LIMIT) }
  }
}

function spokenWaiting(waiting: readonly Look[], remark: string | null): string {
  const shown = waiting.slice(0, 4).map((each) => `${spoken(each)}: ${each.status.line}`)
  const more = waiting.length > 4 ? [`and ${waiting.length - 4} more`] : []
  return [...shown, ...more, ...(remark ? [remark] : [])].join('; ')
}
