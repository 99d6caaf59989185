import { plainLine } from '../plain-line.ts'
import type { Kubernetes } from './client.ts'
import type { ContainerStatus, Pod } from './live.ts'

type PodEvent = { readonly type: string; readonly reason: string; readonly message: string; readonly count: number }

const LOG_LINES = 15
const LINE_LIMIT = 600

/** The warnings about an object, the newest last; empty when they may not be read. `uid` narrows them to this very object. */
export async function warningsOf(kubernetes: Kubernetes, namespace: string, uid: string): Promise<readonly PodEvent[]> {
  return (await eventsOf(kubernetes, namespace, uid)).filter((event) => event.type === 'Warning' && event.reason !== 'MissingClusterDNS')
}

export async function eventsOf(kubernetes: Kubernetes, namespace: string, uid: string): Promise<readonly PodEvent[]> {
  const query = { fieldSelector: `involvedObject.uid=${uid}`, limit: '50' }
  const answer = await kubernetes.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}/events`, query })
  if (answer.status !== 200) return []
  const { items } = JSON.parse(answer.text) as {
    items: (Partial<PodEvent> & { lastTimestamp?: string | null; eventTime?: string | null })[]
  }
  return items
    .toSorted((a, b) => (a.lastTimestamp ?? a.eventTime ?? '').localeCompare(b.lastTimestamp ?? b.eventTime ?? ''))
    .map(({ type = '', reason = '', message = '', count }) => ({
      type,
      reason,
      message: plainLine(message, LINE_LIMIT),
      count: count ?? 1,
    }))
}

/** The last lines that a container wrote: of the run that crashed where it has been started again. */
export async function lastLogLines(kubernetes: Kubernetes, namespace: string, pod: Pod, container: string): Promise<readonly string[]> {
  const status = containerStatuses(pod).find((each) => each.name === container)
  const runs = status?.state?.terminated || (status?.restartCount ?? 0) === 0 ? [false, true] : [true, false]
  for (const previous of runs) {
    const answer = await kubernetes.ask({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log`,
      query: { container, tailLines: String(LOG_LINES), limitBytes: '16384', ...(previous ? { previous: 'true' } : {}) },
    })
    // A container that never ran has no log, and the API server says so in a Status or in the log's place.
    if (answer.status === 200 && answer.text.trim() !== '' && !answer.text.startsWith('unable to retrieve container logs')) {
      return answer.text
        .trimEnd()
        .split('\n')
        .slice(-LOG_LINES)
        .map((line) => plainLine(line, LINE_LIMIT))
    }
  }
  return []
}

/** Which container to listen to when the status blames none: one that runs and is not ready, or else the first. */
export function quietContainer(pod: Pod): string | null {
  const statuses = pod.status?.containerStatuses ?? []
  return (statuses.find((each) => each.state?.running && !each.ready) ?? statuses[0])?.name ?? null
}

function containerStatuses(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
}
