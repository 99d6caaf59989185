/** What is known of kinds without asking a cluster, which rendering must not do. Discovery has the last word at `apply`. */

/** Kinds of Kubernetes itself that belong to no namespace: they are the operator's, except the environment's own Namespace. */
const CLUSTER_WIDE = new Set([
  'APIService',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTrustBundle',
  'ComponentStatus',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'DeviceClass',
  'FlowSchema',
  'IngressClass',
  'IPAddress',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'ResourceSlice',
  'RuntimeClass',
  'ServiceCIDR',
  'StorageClass',
  'StorageVersion',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
  'VolumeAttributesClass',
])

/** What runs pods goes last, so that what the pods need is there when they start. */
const WORKLOADS = new Set(['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'ReplicationController', 'StatefulSet'])

const BUILT_IN_GROUP = /^([^/]+|[^/]*\.k8s\.io\/[^/]+|(apps|batch|autoscaling|policy|extensions)\/[^/]+)$/

export function isClusterWide({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return CLUSTER_WIDE.has(kind) && isBuiltIn({ apiVersion })
}

/** False for kinds that somebody has added to the cluster. */
export function isBuiltIn({ apiVersion }: { readonly apiVersion: string }): boolean {
  return BUILT_IN_GROUP.test(apiVersion)
}

export function isNamespaceObject({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return apiVersion === 'v1' && kind === 'Namespace'
}

/** Objects of one wave do not depend on each other and are sent together: 0 the Namespace, 1 what pods need, 2 what runs pods. */
export function waveOf(object: { readonly apiVersion: string; readonly kind: string }): 0 | 1 | 2 {
  if (isNamespaceObject(object)) return 0
  return WORKLOADS.has(object.kind) || !isBuiltIn(object) ? 2 : 1
}
