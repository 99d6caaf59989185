import type { Workload } from './live.ts'
import { done, failed, UNSEEN, waiting, type Progress } from './progress.ts'

/** Kinds of Kubernetes itself that roll out. Its others are applied and not waited for: a claim is bound when a pod wants it. */
export function rollsOut({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return Object.hasOwn(RULES, `${apiVersion} ${kind}`)
}

/** The rules of `kubectl rollout status`, and of `kubectl wait` for what that does not know. */
export function rolloutStatus(apiVersion: string, kind: string, object: Workload): Progress {
  const rule = RULES[`${apiVersion} ${kind}`]
  if (!rule) return done('applied')
  const { generation = 0 } = object.metadata
  const seen = object.status?.observedGeneration ?? (generation === 0 || OBSERVES_NOTHING.has(kind) ? generation : -1)
  if (seen < generation) return UNSEEN
  return rule(object)
}

const RULES: Readonly<Record<string, (object: Workload) => Progress>> = {
  'apps/v1 Deployment': deployment,
  'apps/v1 StatefulSet': statefulSet,
  'apps/v1 DaemonSet': daemonSet,
  'apps/v1 ReplicaSet': replicas,
  'batch/v1 Job': job,
  'v1 Pod': pod,
}

const OBSERVES_NOTHING = new Set(['Job', 'Pod'])

function deployment({ spec, status }: Workload): Progress {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {}
  const wanted = spec?.replicas ?? 1
  const failure = condition(status, 'ReplicaFailure', 'True')
  const stuck = failure?.message ?? failure?.reason
  if (spec?.paused) return failed('it is paused (spec.paused), so nothing rolls out')
  const progressing = status?.conditions?.find((each) => each.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed(progressing.message ?? 'its progress deadline passed')
  if (updatedReplicas < wanted) return waiting(`${updatedReplicas} of ${wanted} replicas updated`, stuck)
  if (replicas > updatedReplicas) return waiting(`${count(replicas - updatedReplicas, 'old replica')} to end`, stuck)
  if (availableReplicas < updatedReplicas) return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas available`, stuck)
  return done(`${availableReplicas} of ${wanted} replicas ready`)
}

function statefulSet({ spec, status }: Workload): Progress {
  const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status ?? {}
  const wanted = spec?.replicas ?? 1
  if (readyReplicas < wanted) return waiting(`${readyReplicas} of ${wanted} replicas ready`)
  if (spec?.updateStrategy?.type === 'OnDelete')
    return done(`${readyReplicas} of ${wanted} replicas ready; pods change when they are deleted (OnDelete)`)
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  const toUpdate = Math.max(0, wanted - partition)
  if (partition > 0) {
    return updatedReplicas < toUpdate
      ? waiting(`${updatedReplicas} of ${toUpdate} replicas updated`)
      : done(`${updatedReplicas} of ${wanted} replicas updated (partition ${partition})`)
  }
  if (updateRevision !== currentRevision) return waiting(`${updatedReplicas} of ${wanted} replicas updated`)
  return done(`${readyReplicas} of ${wanted} replicas ready`)
}

function daemonSet({ spec, status }: Workload): Progress {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled: updated = 0, numberAvailable: available = 0 } = status ?? {}
  const onDelete = spec?.updateStrategy?.type === 'OnDelete'
  if (!onDelete && updated < wanted) return waiting(`${updated} of ${wanted} pods updated`)
  if (available < wanted) return waiting(`${available} of ${wanted} pods available`)
  return done(`${available} of ${wanted} pods ready${onDelete ? '; pods change when they are deleted (OnDelete)' : ''}`)
}

function replicas({ spec, status }: Workload): Progress {
  const available = status?.availableReplicas ?? 0
  const wanted = spec?.replicas ?? 1
  const failure = condition(status, 'ReplicaFailure', 'True')
  return available < wanted
    ? waiting(`${available} of ${wanted} replicas available`, failure?.message)
    : done(`${available} of ${wanted} replicas ready`)
}

function job({ spec, status }: Workload): Progress {
  const failure = condition(status, 'Failed', 'True')
  if (failure) return failed(`it failed: ${failure.message ?? failure.reason ?? 'without a word'}`)
  if (condition(status, 'Complete', 'True')) return done('complete')
  if (spec?.suspend) return done('suspended; it runs when somebody resumes it')
  const { active = 0, succeeded = 0, failed: broken = 0 } = status ?? {}
  return waiting(`${succeeded} of ${spec?.completions ?? 1} done, ${active} running, ${broken} failed`)
}

function pod({ status }: Workload): Progress {
  if (status?.phase === 'Succeeded') return done('ended well')
  if (status?.phase === 'Failed') return failed('it failed')
  if (condition(status, 'Ready', 'True')) return done('ready')
  return waiting(status?.phase === 'Running' ? 'running, not ready' : (status?.phase ?? 'pending').toLowerCase())
}

function condition(status: Workload['status'], type: string, value: string) {
  return status?.conditions?.find((each) => each.type === type && each.status === value)
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
