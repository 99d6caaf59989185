import { randomUUID } from 'node:crypto'
import type { Live } from './live.ts'
import { setString } from './manifests.ts'
import { applyRequest, type PlanInput, type PlannedObject } from './plan.ts'

/**
 * What the cluster would make of the object if it were not there yet, by a dry run under a name that is free; null where it
 * cannot say, such as for a port that the object itself holds.
 */
export async function madeAnew(input: PlanInput, { manifest }: PlannedObject, live: Live): Promise<Live | null> {
  const name = `slipway-plan-${randomUUID().slice(0, 8)}`
  const path = input.discovery.path(manifest, input.namespace, name)
  if (path === null) return null
  const document = manifest.document.clone()
  setString(document, ['metadata', 'name'], name)
  const answer = await input.kubernetes.ask(applyRequest(input, { manifest: { ...manifest, document }, path }, { trial: 'plain' }))
  if (answer.status !== 200 && answer.status !== 201) return null
  const { uid } = (JSON.parse(answer.text) as Live).metadata
  // Labels and selectors that are made of the name or the uid would look like changes.
  const text = answer.text.replaceAll(name, manifest.name)
  return JSON.parse(uid && live.metadata.uid ? text.replaceAll(uid, live.metadata.uid) : text) as Live
}
