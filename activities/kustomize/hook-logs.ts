import type { Kubernetes } from './client.ts'
import type { Pod } from './live.ts'

const TAIL = { tailLines: '500', limitBytes: String(128 * 1024) }
const WHOLE = { limitBytes: String(8 * 1024 * 1024) }

/**
 * What the pods of a Job print. The last lines of each container are kept while they can be had, for a pod that is ended
 * takes its log with it.
 */
export function createHookLogs(kubernetes: Kubernetes, namespace: string) {
  const kept = new Map<string, string>()

  async function read(pods: readonly Pod[], query: Readonly<Record<string, string>>): Promise<void> {
    const ordered = pods.toSorted((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    for (const pod of ordered) {
      for (const { name, restartCount = 0 } of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
        const where = `pod ${pod.metadata.name}, container ${name}`
        for (const previous of restartCount > 0 ? [true, false] : [false]) {
          const text = await ask(pod, { ...query, container: name, ...(previous ? { previous: 'true' } : {}) })
          if (text !== null) kept.set(previous ? `${where}, before` : where, text)
        }
      }
    }
  }

  async function ask(pod: Pod, query: Readonly<Record<string, string>>): Promise<string | null> {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log`
    const { status, text } = await kubernetes.ask({ method: 'GET', path, query })
    // A container that never ran has no log, and the API server says so in a Status or in the log's place.
    return status === 200 && text !== '' && !text.startsWith('unable to retrieve container logs') ? text : null
  }

  return {
    /** Looks at the pods while they run. @returns the newest line */
    async glance(pods: readonly Pod[]): Promise<string> {
      await read(pods, TAIL)
      return [...kept.values()].at(-1)?.trimEnd().split('\n').at(-1) ?? ''
    },
    /** All that is left of it, each container under a heading where there are several. */
    async whole(pods: readonly Pod[]): Promise<string> {
      await read(pods, WHOLE)
      if (kept.size <= 1) return [...kept.values()][0] ?? ''
      return [...kept].map(([where, text]) => `--- ${where}\n${text.trimEnd()}\n`).join('')
    },
  }
}
