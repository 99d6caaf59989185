import type { Kubernetes } from './client.ts'
import type { Pod } from './live.ts'
import type { Clock } from './clock.ts'
import { seenForMs, sight, type Sightings } from './persistence.ts'
import { isAway, isInfrastructure, podProblem, type PodProblem } from './pod-problem.ts'
import { eventsOf } from './pod-words.ts'
import type { Look } from './rollout-look.ts'
import { podsOf } from './workload-pods.ts'

type Verdict = { readonly kind: PodProblem['kind']; readonly culprit: Look; readonly words: string }

type PodLook = {
  readonly pods: readonly Pod[]
  /** A problem that lasted long enough to count. */
  readonly verdict: Verdict | null
  /** Every running container has a readiness probe that said yes, or has lasted a while without one. */
  readonly settled: boolean
  /** What the cluster says of a pod that runs and is not ready. */
  readonly remark: string | null
  /** True where all that is wrong is that the cluster has no room for it. */
  readonly infrastructure: boolean
}

/** A container without a readiness probe counts as ready the moment it starts: wait this long to see whether it stays. */
const SETTLE_MS = 2_000
const OLD_MS = 30_000
const STUCK_GRACE_MS = 5_000
const REMARK_AFTER_MS = 2_000
const REMARK_EVERY_MS = 2_000

/** Looks at the pods of workloads from time to time and remembers how long each thing has been as it is. */
export function createPodWatch(kubernetes: Kubernetes, namespace: string, clock: Clock) {
  let sightings: Sightings = new Map()
  let remark: { line: string | null; untilMs: number } = { line: null, untilMs: 0 }

  return {
    async look(looks: readonly Look[], nowMs: number): Promise<PodLook> {
      const found = await Promise.all(
        looks.map(async (each) => ({ look: each, ...(await podsOf(kubernetes, namespace, each, each.object)) })),
      )
      const problems = found.flatMap(({ look, current, ending }) => [
        ...stuckProblem(look),
        ...problemsOf(look, current, ending.length > 0),
      ])
      const pods = found.flatMap(({ current }) => current)
      const unprobed = pods.flatMap((pod) => unprobedContainers(pod, clock.wallMs()))
      const unready = pods.filter(isUnready)
      sightings = sight(sightings, [...problems.map((each) => each.key), ...unprobed, ...unready.map(unreadyKey)], nowMs)

      const lasting = problems.filter((each) => seenForMs(sightings, each.key, nowMs) >= each.problem.graceMs)
      let verdict: Verdict | null = null
      for (const each of lasting) verdict ??= await judged(each)
      const quiet = unready.find((pod) => seenForMs(sightings, unreadyKey(pod), nowMs) >= REMARK_AFTER_MS)
      if (!quiet) remark = { line: null, untilMs: 0 }
      else if (nowMs >= remark.untilMs) remark = { line: await remarkOn(quiet), untilMs: nowMs + REMARK_EVERY_MS }
      const settled = unprobed.every((key) => seenForMs(sightings, key, nowMs) >= SETTLE_MS)
      const infrastructure = problems.length > 0 && problems.every((each) => isInfrastructure(each.problem.kind))
      return { pods, verdict, settled, remark: remark.line, infrastructure }
    },
  }

  async function judged({ problem, pod, look }: Lasting): Promise<Verdict | null> {
    const where = pod ? `pod ${pod.metadata.name}${problem.container ? `, container ${problem.container}` : ''}: ` : ''
    const verdict = (words: string): Verdict => ({ kind: problem.kind, culprit: look, words: where + words })
    const asksEvents = problem.kind === 'unschedulable' || problem.kind === 'starting' || problem.kind === 'image'
    if (!pod || !asksEvents) return verdict(problem.words)
    const events = await eventsOf(kubernetes, namespace, pod.metadata.uid ?? '')
    if (problem.kind === 'image') {
      // An older kubelet's back-off does not repeat why the image did not come.
      const pull = events.findLast((event) => event.reason === 'Failed' && event.message.startsWith('Failed to pull image'))
      const bare = !/: /.test(problem.words.replace(/^\w+: /, ''))
      return bare && pull ? { ...verdict(pull.message), kind: isAway(pull.message) ? 'registry' : 'image' } : verdict(problem.words)
    }
    if (problem.kind === 'unschedulable') {
      // An autoscaler said that a node is on its way.
      const awaited = events.some((event) => event.reason === 'TriggeredScaleUp' || event.reason === 'Nominated')
      return awaited ? null : verdict(problem.words)
    }
    // Slow volumes and networks are not the candidate's fault; a volume made of something that is not there is.
    const missing = events.findLast((event) => event.reason === 'FailedMount' && /not found|non-existent/.test(event.message))
    return missing ? verdict(missing.message) : null
  }

  async function remarkOn(pod: Pod): Promise<string | null> {
    const warnings = (await eventsOf(kubernetes, namespace, pod.metadata.uid ?? '')).filter((event) => event.type === 'Warning')
    const last = warnings.at(-1)
    return last ? `pod ${pod.metadata.name}: ${last.message}` : `pod ${pod.metadata.name} runs and is not ready`
  }
}

type Lasting = { readonly key: string; readonly problem: PodProblem; readonly pod: Pod | null; readonly look: Look }

function problemsOf(look: Look, pods: readonly Pod[], makingRoom: boolean): Lasting[] {
  return pods.flatMap((pod) => {
    const problem = podProblem(pod)
    if (!problem) return []
    // The Job counts its own failures and says when it gives up.
    if (look.kind === 'Job' && (problem.kind === 'crash' || problem.kind === 'failed')) return []
    // Pods that are ending make room for the new ones.
    if (problem.kind === 'unschedulable' && makingRoom) return []
    return [{ key: `${pod.metadata.uid ?? pod.metadata.name}/${problem.container ?? ''}/${problem.kind}`, problem, pod, look }]
  })
}

/** A workload whose pods cannot even be made: a quota, a missing service account, an admission policy. */
function stuckProblem(look: Look): Lasting[] {
  const stuck = look.status.state === 'waiting' ? look.status.stuck : undefined
  if (!stuck) return []
  const kind = /exceeded quota/.test(stuck) ? 'quota' : 'failed'
  const problem: PodProblem = { kind, container: null, words: `its pods cannot be created: ${stuck}`, graceMs: STUCK_GRACE_MS }
  return [{ key: `stuck/${look.kind}/${look.name}`, problem, pod: null, look }]
}

/** What ran long before this deployment is left out; the cluster's clock may differ a little from ours. */
function unprobedContainers(pod: Pod, wallMs: number): string[] {
  if (pod.status?.phase === 'Succeeded') return []
  const probed = new Set(pod.spec?.containers?.filter((each) => each.readinessProbe !== undefined).map((each) => each.name))
  const isNew = (startedAt: string | undefined) => !startedAt || wallMs - Date.parse(startedAt) < OLD_MS
  const statuses = (pod.status?.containerStatuses ?? []).filter((each) => !probed.has(each.name) && isNew(each.state?.running?.startedAt))
  return statuses.map((each) => `unprobed/${pod.metadata.uid}/${each.name}/${each.restartCount ?? 0}`)
}

function isUnready(pod: Pod): boolean {
  return (pod.status?.containerStatuses ?? []).some((each) => each.state?.running !== undefined && !each.ready)
}

function unreadyKey(pod: Pod): string {
  return `unready/${pod.metadata.uid}`
}
