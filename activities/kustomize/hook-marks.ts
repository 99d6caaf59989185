import { expectAnswer, refusalFailure } from './answer.ts'
import { transient } from '../failure.ts'
import type { FencePlace } from './fence.ts'
import type { Live } from './live.ts'
import { ownMetadata, type Owner } from './ownership.ts'

/** That a hook was begun: the Job that runs it, and how it was ended where Slipway ended it. */
export type HookMark = { readonly job: string; readonly uid: string; readonly ended: string | null }

/** Where the marks lie: a ConfigMap beside the fence, by `hookKey`. It outlives the Jobs, whoever deletes them. */
export type HookMarks = { readonly marks: Readonly<Record<string, HookMark>>; readonly resourceVersion: string | null }

export function marksName({ project, environment }: Owner): string {
  return `slipway-hooks.${project}.${environment}`
}

export async function readMarks(place: FencePlace): Promise<HookMarks> {
  const { kubernetes, owner, namespace } = place
  const answer = await kubernetes.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}/configmaps/${marksName(owner)}` })
  if (answer.status === 404) return { marks: {}, resourceVersion: null }
  const found = expectAnswer(kubernetes, answer, `read the ConfigMap ${marksName(owner)}`) as Live & { data?: Record<string, string> }
  return {
    marks: Object.fromEntries(Object.entries(found.data ?? {}).map(readMark)),
    resourceVersion: found.metadata.resourceVersion ?? null,
  }
}

/** Writes all marks, and only over what was read: another attempt that wrote in between is looked at first. */
export async function writeMarks(place: FencePlace, { marks, resourceVersion }: HookMarks): Promise<HookMarks> {
  const { kubernetes, owner, namespace } = place
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: marksName(owner), namespace, ...ownMetadata(owner), ...(resourceVersion ? { resourceVersion } : {}) },
    data: Object.fromEntries(Object.entries(marks).map(([key, mark]) => [key, JSON.stringify(mark)])),
  })
  const answer = resourceVersion
    ? await kubernetes.ask({ method: 'PUT', path: `${path}/${marksName(owner)}`, body })
    : await kubernetes.ask({ method: 'POST', path, body })
  if (answer.status === 409) throw transient(`The ConfigMap ${marksName(owner)} was written by another attempt; it is looked at again.`)
  if (answer.status !== 200 && answer.status !== 201) {
    throw refusalFailure(kubernetes.server, answer, `write the ConfigMap ${marksName(owner)} in namespace ${namespace}`)
  }
  return { marks, resourceVersion: (JSON.parse(answer.text) as Live).metadata.resourceVersion ?? null }
}

/** What cannot be read is a mark all the same: something was begun. */
function readMark([key, text]: [string, string]): [string, HookMark] {
  try {
    const { job, uid, ended } = JSON.parse(text) as Partial<HookMark>
    return [key, { job: String(job), uid: String(uid), ended: typeof ended === 'string' ? ended : null }]
  } catch {
    return [key, { job: '', uid: '', ended: null }]
  }
}
