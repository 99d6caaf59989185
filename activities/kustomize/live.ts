/** What is read of an object on the cluster. The API server's JSON is wider; only this is relied on. */
export type Live = {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
    readonly managedFields?: readonly ManagedFields[]
    readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[]
  }
}

/** An entry of `metadata.managedFields`: who decides which fields. */
export type ManagedFields = {
  readonly manager?: string
  readonly operation?: string
  readonly apiVersion?: string
  readonly subresource?: string
  /** When it last changed one of its fields. */
  readonly time?: string
  readonly fieldsV1?: Fields
}

/** The API's FieldsV1: a tree of fields, `.` for the node itself. */
export type Fields = { readonly [key: string]: Fields }

type Condition = { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string; readonly signal?: number }
}

export type ContainerStatus = {
  readonly name: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly imageID?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export type Container = {
  readonly name: string
  readonly image?: string
  readonly readinessProbe?: unknown
  readonly restartPolicy?: string
}

export type Pod = Live & {
  readonly spec?: { readonly containers?: readonly Container[]; readonly initContainers?: readonly Container[] }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export type LabelSelector = {
  readonly matchLabels?: Record<string, string>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

export type Workload = Live & {
  readonly spec?: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly suspend?: boolean
    readonly selector?: LabelSelector
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
    readonly completions?: number
    readonly activeDeadlineSeconds?: number
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly desiredNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberAvailable?: number
    readonly active?: number
    readonly succeeded?: number
    readonly failed?: number
    readonly phase?: string
    readonly conditions?: readonly Condition[]
    /** Of Argo's Rollout: the pods' labels as a query has them, and which of the pods are of the newest template. */
    readonly selector?: string
    readonly currentPodHash?: string
  }
}

export type Job = Workload
