import { expect, test } from 'vitest'
import type { Live, ManagedFields } from '../../../activities/kustomize/live.ts'
import { takenOver } from '../../../activities/kustomize/take-over.ts'

const leaf = {}
const csa = (fieldsV1: ManagedFields['fieldsV1'] = { 'f:spec': { 'f:replicas': leaf } }): ManagedFields => ({
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  apiVersion: 'apps/v1',
  ...(fieldsV1 ? { fieldsV1 } : {}),
})
const controller: ManagedFields = { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'apps/v1', subresource: 'status' }
const live = (managedFields: readonly ManagedFields[], annotations: Record<string, string> = {}): Live => ({
  metadata: { name: 'website', managedFields, annotations },
})

test('what kubectl apply decided becomes what Slipway applied, and everybody else stays', () => {
  expect(takenOver(live([controller, csa()]), 'apps/v1')).toEqual([controller, { ...csa(), manager: 'slipway', operation: 'Apply' }])
})

test('two kinds of apply are one afterwards', () => {
  const ssa: ManagedFields = {
    manager: 'kubectl',
    operation: 'Apply',
    apiVersion: 'apps/v1',
    fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': leaf } }, 'f:metadata': { 'f:labels': { 'f:app': leaf } } },
  }
  const both = csa({ 'f:spec': { 'f:replicas': leaf, 'f:template': leaf }, 'f:metadata': { 'f:labels': leaf } })
  expect(takenOver(live([both, ssa]), 'apps/v1')).toMatchObject([
    {
      manager: 'slipway',
      operation: 'Apply',
      fieldsV1: {
        'f:spec': { 'f:replicas': leaf, 'f:template': { '.': leaf, 'f:spec': leaf } },
        'f:metadata': { 'f:labels': { '.': leaf, 'f:app': leaf } },
      },
    },
  ])
})

test("an object that has an owner's mark is nobody's to take over", () => {
  expect(takenOver(live([csa()], { 'slipway/project': 'shop', 'slipway/environment': 'alpha' }), 'apps/v1')).toBeNull()
})

test.each(['kubectl-edit', 'kubectl-set', 'helm', 'flux'])('what %s decides stays with it', (manager) => {
  expect(takenOver(live([{ ...csa(), manager }]), 'apps/v1')).toBeNull()
})

test('fields of another version of the kind are given up, for they cannot be named in this one', () => {
  expect(takenOver(live([controller, { ...csa(), apiVersion: 'apps/v1beta1' }]), 'apps/v1')).toEqual([controller])
})
