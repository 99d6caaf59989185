import type { Container, ContainerStatus, Pod } from './live.ts'

/** Why a pod does not come up, as far as its status says. */
export type PodProblem = {
  /**
   * `registry`: the image could not be asked for, which time may mend; `unschedulable` and `quota`: the cluster has no room
   * for it; all others are the candidate's or its configuration's.
   */
  readonly kind: 'image' | 'registry' | 'configuration' | 'crash' | 'unschedulable' | 'quota' | 'failed' | 'starting'
  readonly container: string | null
  /** The pod's own words, for a person. */
  readonly words: string
  /** It counts when it was seen for this long without a break. */
  readonly graceMs: number
}

const IMAGE_GRACE_MS = 3_000
/** A registry that is away for a moment is no verdict on the candidate. */
const REGISTRY_GRACE_MS = 30_000
/** A ConfigMap or a volume may come a moment after the pod. */
const CONFIGURATION_GRACE_MS = 3_000
const CRASH_GRACE_MS = 500
const SCHEDULING_GRACE_MS = 5_000
/** How long a pod may create its containers before its events are looked at. */
const STARTING_GRACE_MS = 4_000

/** True for what says nothing of the candidate: another one would not have come up there either. */
export function isInfrastructure(kind: PodProblem['kind']): boolean {
  return kind === 'unschedulable' || kind === 'quota' || kind === 'registry'
}

/** The pod's worst problem, null when it has none (it may still not be ready). */
export function podProblem(pod: Pod): PodProblem | null {
  if (pod.metadata.deletionTimestamp) return null
  const { phase, reason, message, conditions, containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  if (phase === 'Succeeded') return null
  const images = new Map(
    [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map((each: Container) => [each.name, each.image ?? '']),
  )
  const problems = [...initContainerStatuses, ...containerStatuses].flatMap(
    (status) => containerProblem(status, images.get(status.name) ?? '') ?? [],
  )
  const worst = problems.toSorted((a, b) => a.graceMs - b.graceMs)[0]
  if (worst) return worst
  if (phase === 'Failed') {
    const broken = [...initContainerStatuses, ...containerStatuses].find((each) => (each.state?.terminated?.exitCode ?? 0) !== 0)
    const said = [reason, message].filter(Boolean).join(': ')
    return problem('failed', broken?.name ?? null, said || (broken ? ending(broken) : 'Failed'), 0)
  }
  const scheduled = conditions?.find((each) => each.type === 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return problem('unschedulable', null, `no node takes it: ${scheduled.message ?? scheduled.reason}`, SCHEDULING_GRACE_MS)
  }
  const starting = containerStatuses.find((each) => each.state?.waiting?.reason === 'ContainerCreating')
  return starting ? problem('starting', null, 'its containers are not created', STARTING_GRACE_MS) : null
}

function containerProblem(status: ContainerStatus, image: string): PodProblem | null {
  const { waiting, terminated } = status.state ?? {}
  const reason = waiting?.reason ?? ''
  const words = [reason, waiting?.message].filter(Boolean).join(': ')
  switch (reason) {
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return problem('image', status.name, words, 0)
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
    case 'SignatureValidationFailed': {
      const away = reason !== 'SignatureValidationFailed' && isAway(waiting?.message ?? '')
      const named = words.includes(image) ? words : `${words} (${image})`
      return problem(away ? 'registry' : 'image', status.name, named, away ? REGISTRY_GRACE_MS : IMAGE_GRACE_MS)
    }
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
    case 'PreCreateHookError':
    case 'PreStartHookError':
    case 'PostStartHookError':
      return problem('configuration', status.name, words, CONFIGURATION_GRACE_MS)
    case 'CrashLoopBackOff':
      return problem('crash', status.name, `CrashLoopBackOff, ${ending(status)}`, 0)
    default: {
      if (status.ready) return null
      const restarts = status.restartCount ?? 0
      // Before the kubelet says CrashLoopBackOff it leaves the second crash standing for ten seconds.
      if (terminated && terminated.exitCode !== 0 && restarts >= 1) return problem('crash', status.name, ending(status), CRASH_GRACE_MS)
      // A container that starts anew for the second time is in a loop, even when it was seen between two crashes.
      const crashed = status.lastState?.terminated
      return restarts >= 2 && crashed && crashed.exitCode !== 0 ? problem('crash', status.name, ending(status), 0) : null
    }
  }
}

/** `exit code 1 (Error), 3 restarts` */
function ending(status: ContainerStatus): string {
  const last = status.state?.terminated ?? status.lastState?.terminated
  const restarts = status.restartCount ?? 0
  const why = last
    ? `exit code ${last.exitCode}${last.reason ? ` (${last.reason})` : ''}${last.message ? `: ${last.message.trim()}` : ''}`
    : 'no exit code'
  return `${why}, ${restarts} restart${restarts === 1 ? '' : 's'}`
}

/** What containerd, CRI-O and cri-dockerd say of a registry that did not answer, or not with a word about the image. */
export function isAway(message: string): boolean {
  return /connection refused|connection reset|i\/o timeout|no such host|no route to host|network is unreachable|TLS handshake timeout|deadline exceeded|server misbehaving|temporary failure|too ?many ?requests|\b50[0234] [A-Z]|\bEOF\b/i.test(
    message,
  )
}

function problem(kind: PodProblem['kind'], container: string | null, words: string, graceMs: number): PodProblem {
  return { kind, container, words: words.replace(/\s+/g, ' ').slice(0, 600), graceMs }
}
