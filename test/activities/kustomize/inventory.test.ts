import { expect, test } from 'vitest'
import { heldBack, inventoryOf, leftOver, mergeInventories, parseInventory } from '../../../activities/kustomize/inventory.ts'
import { parseManifests } from '../../../activities/kustomize/manifests.ts'
import { unwrap } from '../../../domain/parsed.ts'

test('names every object but the Namespace', () => {
  const manifests = unwrap(
    parseManifests(
      '{apiVersion: v1, kind: Namespace, metadata: {name: n}}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}\n',
    ),
  )
  expect(inventoryOf(manifests)).toEqual(['apps/v1/Deployment/d'])
})

test('what is left over: not data, not what only changed its version', () => {
  const before = [
    'v1/ConfigMap/a',
    'v1/ConfigMap/b',
    'v1/PersistentVolumeClaim/data',
    'v1/Namespace/n',
    'batch/v1beta1/CronJob/c',
    'nonsense',
  ]
  const wanted = ['v1/ConfigMap/a', 'batch/v1/CronJob/c']
  const [b, data] = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'b' },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data' },
  ]
  expect(leftOver(before, wanted)).toEqual([b])
  expect(heldBack(before, wanted, {})).toEqual([data])
  expect(leftOver(before, wanted, { volumeClaims: true })).toEqual([b, data])
  expect(heldBack(before, wanted, { volumeClaims: true })).toEqual([])
})

test('reads what it wrote, and nothing from nonsense', () => {
  expect(parseInventory(JSON.stringify(['a', 1]))).toEqual(['a'])
  expect(parseInventory('{')).toEqual([])
  expect(parseInventory(undefined)).toEqual([])
  expect(mergeInventories(['a', 'b'], ['b', 'c'])).toEqual(['a', 'b', 'c'])
})
