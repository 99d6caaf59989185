import type { Fence } from '../contract.ts'
import { formatFence, markFence } from './fence-token.ts'
import type { Job } from './live.ts'
import { formatManifest, setPlain, setString, type Manifest } from './manifests.ts'
import { FENCE, FIELD_MANAGER, setMetadata } from './ownership.ts'

/** Which run of a hook a Job is. */
export const HOOK = 'slipway/hook'

const QUERY = { fieldManager: FIELD_MANAGER }

/** The Job as it was rendered, under its own name, and suspended: nothing of it runs before its mark is written. */
export function createJobRequest(
  manifest: Manifest,
  { namespace, name, fence, hook }: { namespace: string; name: string; fence: Fence; hook: string },
) {
  const sent = { ...manifest, document: manifest.document.clone() }
  setString(sent.document, ['metadata', 'name'], name)
  markFence(sent, fence)
  setMetadata(sent, 'annotations', HOOK, hook)
  setPlain(sent.document, ['spec', 'suspend'], 'true')
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`
  return { method: 'POST' as const, path, query: QUERY, contentType: 'application/yaml', body: formatManifest(sent) }
}

/** Lets exactly this Job run, and no other of its name. */
export function startJobRequest(path: string, { metadata: { uid } }: Job, fence: Fence) {
  const body = JSON.stringify({ metadata: { uid, annotations: { [FENCE]: formatFence(fence) } }, spec: { suspend: false } })
  return { method: 'PATCH' as const, path, query: QUERY, contentType: 'application/merge-patch+json', body }
}

/** Deletes exactly this Job; its pods are told to end. In the foreground it goes after them. */
export function deleteJobRequest(path: string, uid: string, propagationPolicy: 'Background' | 'Foreground' = 'Background') {
  const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, preconditions: { uid } })
  return { method: 'DELETE' as const, path, body }
}

export function jobPath(namespace: string, name: string): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs/${encodeURIComponent(name)}`
}
