import { setTimeout as sleep } from 'node:timers/promises'
import { endsWhatRuns } from '../cancellation.ts'
import type { HookActInput, HookEnd } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import type { Kubernetes } from './client.ts'
import type { Clock } from './clock.ts'
import { checkFence, type FencePlace } from './fence.ts'
import { formatFence } from './fence-token.ts'
import { jobEnd } from './hook-end.ts'
import { createHookLogs } from './hook-logs.ts'
import { endHook, readJob, startHook, type Started } from './hook-start.ts'
import type { Job, Pod } from './live.ts'
import { parseManifests, spoken, type Manifest } from './manifests.ts'
import { ensureNamespace } from './namespace.ts'
import { holdFence } from './older-hooks.ts'
import { pollDelayMs } from './persistence.ts'
import { createPodWatch } from './pod-watch.ts'
import { podsOf } from './workload-pods.ts'

type Deps = {
  readonly clock: Clock
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** The cluster for what is still to be done once `signal` has aborted. */
  readonly connectAnew: (signal: AbortSignal) => Promise<Kubernetes>
}

const LOOK_MS = 1_000
/** The cluster ends a Job by its deadline; this long after it Slipway does. */
const OVERDUE_MS = 60_000
const CANCELLED = 'was ended, for its deployment was cancelled'

/** Runs the Job of a hook, or follows the one that was begun. The namespace is made where it is missing and the overlay has it. */
export async function runJobHook(kubernetes: Kubernetes, namespace: string, input: HookActInput, deps: Deps): Promise<HookEnd> {
  const { project, environment, fence, candidate, tag } = input
  const place: FencePlace = { kubernetes, namespace, owner: { project, environment } }
  const judged = await checkFence(place, fence)
  if (judged.held === null) await ensureNamespace(place, fence, manifestsIn(input.content, environment))
  // Whoever is older writes nothing from here on, as from an apply on.
  if (judged.held === null || formatFence(fence) !== formatFence(judged.held)) {
    const data = { revision: candidate.revision, tag, inventory: judged.inventory }
    await holdFence(place, fence, { data, judged, say: deps.say })
  }
  const [manifest] = manifestsIn(input.hook.content, environment)
  if (!manifest) throw permanent('RenderFailed', `The stored Job of the hook ${input.hook.name} is empty: request the deployment anew.`)
  const started = await startHook(place, manifest, input)
  try {
    return await follow(place, started, input, deps)
  } catch (error) {
    if (deps.signal.aborted && endsWhatRuns(deps.signal.reason)) await cancel(place, started, deps)
    throw error
  }
}

async function follow(place: FencePlace, started: Started, input: HookActInput, { clock, say, signal }: Deps): Promise<HookEnd> {
  const { kubernetes, namespace } = place
  const { mark, path } = started
  const name = spoken({ kind: 'Job', name: mark.job })
  const logs = createHookLogs(kubernetes, namespace)
  const watch = createPodWatch(kubernetes, namespace, clock)
  const startMs = clock.nowMs()
  let dueMs = startMs
  let { job } = started
  for (;;) {
    const nowMs = clock.nowMs()
    const isOver = mark.ended !== null || job === null || jobEnd(job, []) !== null
    const isDue = nowMs >= dueMs
    const pods = job !== null && (isOver || isDue) ? await podsOfJob(kubernetes, namespace, job) : []
    const ended = mark.ended ?? (job ? jobEnd(job, pods) : null)
    if (ended !== null) {
      const logText = await logs.whole(pods)
      return typeof ended === 'string' ? { outcome: 'failed', words: ended, logText } : { ...ended, logText }
    }
    if (!job) {
      // A younger deployment takes away what older ones began.
      await checkFence(place, input.fence)
      const words = `was begun as ${name} in namespace ${namespace}, which is no longer there: somebody deleted it`
      return { outcome: 'unknown', words, logText: await logs.whole([]) }
    }
    if (isDue) {
      dueMs = nowMs + LOOK_MS
      say((await logs.glance(pods)) || `${name} runs`)
      const why = await hopeless(watch, job, nowMs)
      const limitS = job.spec?.activeDeadlineSeconds ?? input.hook.timeoutSeconds
      const words = why ?? (nowMs - startMs > limitS * 1000 + OVERDUE_MS ? `had not ended after ${limitS} s and was ended` : null)
      if (words !== null) {
        const logText = await logs.whole(pods)
        await endHook(place, started, words)
        return { outcome: 'failed', words, logText }
      }
    }
    await sleep(pollDelayMs(nowMs - startMs), undefined, { signal }).catch(() => signal.throwIfAborted())
    const next = await readJob(place, path)
    job = next?.metadata.uid === mark.uid ? next : null
  }
}

/** What keeps its pods from ever starting. A registry that is away, or no room on any node, may pass: the deadline tells. */
async function hopeless(watch: ReturnType<typeof createPodWatch>, job: Job, nowMs: number): Promise<string | null> {
  const look = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: job.metadata.name,
    object: job,
    status: { state: 'waiting', line: 'runs' },
  } as const
  const { verdict } = await watch.look([look], nowMs)
  if (!verdict || verdict.kind === 'registry' || verdict.kind === 'unschedulable') return null
  return `cannot start: ${verdict.words}`
}

async function podsOfJob(kubernetes: Kubernetes, namespace: string, job: Job): Promise<readonly Pod[]> {
  const { current, ending } = await podsOf(kubernetes, namespace, { apiVersion: 'batch/v1', kind: 'Job' }, job)
  return [...current, ...ending]
}

/** Best effort and bounded: when the cluster is gone as well, the Job's own deadline ends what is left. */
async function cancel(place: FencePlace, started: Started, { connectAnew }: Deps): Promise<void> {
  try {
    const anew = { ...place, kubernetes: await connectAnew(AbortSignal.timeout(15_000)) }
    const job = await readJob(anew, started.path)
    if (job?.metadata.uid === started.mark.uid && jobEnd(job, []) === null) await endHook(anew, started, CANCELLED)
  } catch {
    // The signal's reason is what is told.
  }
}

function manifestsIn(content: Buffer, environment: string): readonly Manifest[] {
  const parsed = parseManifests(content.toString('utf8'))
  if (!parsed.ok) throw permanent('RenderFailed', `What was rendered for ${environment} ${parsed.problem}: request the deployment anew.`)
  return parsed.value
}
