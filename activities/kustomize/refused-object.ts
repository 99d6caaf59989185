import { permanent } from '../failure.ts'
import { readRefusal, refusalFailure, type Refusal } from './answer.ts'
import type { Answer } from './client.ts'
import { fencedByPolicy } from './fence-policy.ts'
import { spoken, type Manifest } from './manifests.ts'
import { FIELD_MANAGER } from './ownership.ts'

/** Why the cluster refused an object that was applied, as a failure whose words help the one who reads them. */
export function refusedObject(
  server: string,
  namespace: string,
  manifest: Manifest,
  answer: Answer,
  settled: (manager: string) => boolean = () => false,
): Error {
  const refusal = readRefusal(answer)
  const object = spoken(manifest)
  const fenced = fencedByPolicy(answer)
  if (fenced) return fenced
  if (answer.status === 409 && conflicts(refusal).length > 0) return fieldConflict(namespace, object, conflicts(refusal), settled)
  if (answer.status === 404 || answer.status === 422 || answer.status === 400 || answer.status === 413 || answer.status === 415) {
    return permanent(
      'RenderFailed',
      `The cluster does not take ${object}: ${wordsFor(manifest, refusal) || `HTTP ${answer.status}`}.${hint(refusal)}`,
    )
  }
  return refusalFailure(server, answer, `apply ${object}`)
}

/** About a Secret the server may quote what is in it. */
function wordsFor({ kind }: Manifest, { message }: Refusal): string {
  return kind === 'Secret' ? 'its words are left out, for they may quote the secret; kubectl apply --dry-run=server says them' : message
}

/** True when the object was changed since its resourceVersion was read: look again. */
export function isStale(answer: Answer): boolean {
  return answer.status === 409 && conflicts(readRefusal(answer)).length === 0
}

/** The managers whose fields an apply without force would have had to take. */
export function conflictingManagers(answer: Answer): readonly string[] {
  return answer.status === 409 ? [...new Set(conflicts(readRefusal(answer)).map(managerOf))] : []
}

/** A webhook that changes something itself cannot be asked what it would do. */
export function cannotDryRun(answer: Answer): boolean {
  return answer.status === 400 && /does not support dry run/i.test(readRefusal(answer).message)
}

/**
 * The fields because of which the object can only be taken away and made anew; null when it was not refused for them, or
 * for others as well.
 */
export function fixedFields(answer: Answer): readonly string[] | null {
  if (answer.status !== 422) return null
  const { causes } = readRefusal(answer)
  return causes.length > 0 && causes.every(({ message }) => FIXED.test(message)) ? [...new Set(causes.map(({ field }) => field))] : null
}

/** How the kinds of Kubernetes say that a field cannot change once the object is there. */
const FIXED = /immutable|may not change once set|updates to \S+ spec for fields other than|pod updates may not change|cannot change roleRef/

function conflicts(refusal: Refusal): Refusal['causes'] {
  return refusal.causes.filter((cause) => cause.reason === 'FieldManagerConflict')
}

function managerOf({ message }: Refusal['causes'][number]): string {
  return /"([^"]+)"/.exec(message)?.[1] ?? 'somebody else'
}

function fieldConflict(namespace: string, object: string, causes: Refusal['causes'], settled: (manager: string) => boolean): Error {
  const fields = causes.map((cause) => ({ field: cause.field, manager: managerOf(cause) })).filter((each) => !settled(each.manager))
  const managers = [...new Set(fields.map((each) => each.manager))]
  const shown =
    fields
      .slice(0, 5)
      .map((each) => each.field)
      .join(', ') + (fields.length > 5 ? ` and ${fields.length - 5} more` : '')
  const byHand = managers.some((manager) => /^(kubectl|before-first-apply)/.test(manager))
  const advice = byHand
    ? `It was put there with kubectl. To give it to Slipway once: kustomize build OVERLAY | kubectl apply --server-side --field-manager ${FIELD_MANAGER} --force-conflicts --namespace ${namespace} -f -`
    : 'Leave the field out of the overlay, or make that manager give it up.'
  return permanent('Conflict', `${object} in namespace ${namespace}: ${managers.join(', ')} already decides ${shown}. ${advice}`, {
    object,
    fields: fields.slice(0, 20),
  })
}

function hint(refusal: Refusal): string {
  return /field is immutable/.test(refusal.message)
    ? ' A field that cannot change needs an object with a new name, or the old one deleted first.'
    : ''
}
