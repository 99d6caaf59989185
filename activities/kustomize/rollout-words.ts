import type { Kubernetes } from './client.ts'
import type { Pod } from './live.ts'
import { spoken } from './manifests.ts'
import { podProblem } from './pod-problem.ts'
import { lastLogLines, quietContainer, warningsOf } from './pod-words.ts'
import type { Look } from './rollout-look.ts'
import { podsOf } from './workload-pods.ts'

type Words = {
  /** What is seen of each workload that does not run, its pods, their warnings and their last log lines. */
  readonly lines: readonly string[]
  /** The culprit's last log line or warning, for the failure's one sentence. */
  readonly last: string | null
}

const PODS_LIMIT = 3
const WARNINGS_LIMIT = 4

/** Lets the pods speak for a rollout that failed. What cannot be read is left out: the failure itself is what counts. */
export async function gatherWords(kubernetes: Kubernetes, namespace: string, looks: readonly Look[], culprit: Look): Promise<Words> {
  const ordered = [culprit, ...looks.filter((each) => spoken(each) !== spoken(culprit))]
  const spokenWords = await Promise.all(ordered.map((look) => wordsOf(kubernetes, namespace, look).catch(() => null)))
  return { lines: spokenWords.flatMap((words) => words?.lines ?? []), last: spokenWords[0]?.last ?? null }
}

async function wordsOf(kubernetes: Kubernetes, namespace: string, look: Look): Promise<Words> {
  const { current } = await podsOf(kubernetes, namespace, look, look.object)
  const troubled = current.filter((pod) => !isReady(pod)).slice(0, PODS_LIMIT)
  const lines = [`${spoken(look)}: ${look.status.line}`]
  let last: string | null = null
  if (troubled.length === 0) {
    const warnings = (await warningsOf(kubernetes, namespace, look.object.metadata.uid ?? '')).slice(-WARNINGS_LIMIT)
    lines.push(...warnings.map((event) => `${spoken(look)}: ${event.reason}: ${event.message}`))
    last = warnings.at(-1)?.message ?? null
  }
  for (const pod of troubled) {
    const words = await podWords(kubernetes, namespace, pod)
    lines.push(...words.lines)
    last ??= words.last
  }
  return { lines, last }
}

async function podWords(kubernetes: Kubernetes, namespace: string, pod: Pod): Promise<Words> {
  const { name, uid = '' } = pod.metadata
  const problem = podProblem(pod)
  const container = problem ? (problem.kind === 'crash' || problem.kind === 'failed' ? problem.container : null) : quietContainer(pod)
  const [warnings, log] = await Promise.all([
    warningsOf(kubernetes, namespace, uid),
    container ? lastLogLines(kubernetes, namespace, pod, container) : [],
  ])
  const shown = warnings.slice(-WARNINGS_LIMIT)
  return {
    lines: [
      `pod ${name}: ${problem ? `${problem.container ? `container ${problem.container}: ` : ''}${problem.words}` : `${(pod.status?.phase ?? 'pending').toLowerCase()}, not ready`}`,
      ...shown.map((event) => `pod ${name}: ${event.reason}${event.count > 1 ? ` (${event.count} times)` : ''}: ${event.message}`),
      ...log.map((line) => `pod ${name} | ${line}`),
    ],
    // What a readiness probe got is nearer to the reason than what the server logged of it.
    last:
      (problem ? null : shown.findLast((event) => event.reason === 'Unhealthy')?.message) ?? log.at(-1) ?? shown.at(-1)?.message ?? null,
  }
}

function isReady(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || (pod.status?.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True')
}
