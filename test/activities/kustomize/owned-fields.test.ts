import { describe, expect, test } from 'vitest'
import { lastChange } from '../../../activities/kustomize/last-change.ts'
import type { Live, ManagedFields } from '../../../activities/kustomize/live.ts'
import { differences } from '../../../activities/kustomize/owned-fields.ts'
import { shownDifference } from '../../../activities/kustomize/shown-value.ts'

const owned = {
  'f:spec': {
    'f:replicas': {},
    'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:command': {}, 'f:name': {} } } } },
  },
  'f:metadata': { 'f:annotations': { 'f:a.example/b': {} }, 'f:finalizers': { 'v:"x"': {} } },
}
const objectWith = (
  replicas: number,
  containers: object[],
  metadata: object = { annotations: { 'a.example/b': '1' }, finalizers: ['x'] },
) => ({
  metadata,
  spec: { replicas, template: { spec: { containers } } },
})
const main = { name: 'main', image: 'a', command: ['sh', '-c', 'x'] }

describe('what one manager decides', () => {
  test('is compared, field by field, and nothing else is', () => {
    const live = objectWith(5, [
      { name: 'sidecar', image: 'z' },
      { ...main, image: 'b', command: ['sh'], tty: true },
    ])
    expect(differences(owned, objectWith(2, [main]), live).map(({ path, expected, found }) => [path, expected, found])).toEqual([
      ['.spec.replicas', 2, 5],
      ['.spec.template.spec.containers[main].image', 'a', 'b'],
      ['.spec.template.spec.containers[main].command', ['sh', '-c', 'x'], ['sh']],
    ])
  })

  test('is told once where all of it is gone', () => {
    const found = differences(owned, objectWith(2, [main]), objectWith(2, [], { annotations: {} }))
    expect(found.map(({ path, found: there }) => [path, there])).toEqual([
      ['.spec.template.spec.containers[main]', undefined],
      ['.metadata.annotations["a.example/b"]', undefined],
      ['.metadata.finalizers', undefined],
    ])
  })

  test('without a difference says nothing', () => {
    expect(differences(owned, objectWith(2, [main]), objectWith(2, [main]))).toEqual([])
  })
})

describe('who changed it', () => {
  const entry = (manager: string, minute: number, fieldsV1: object, more: Partial<ManagedFields> = {}) =>
    ({ manager, operation: 'Update', time: `2026-11-25T22:0${minute}:00Z`, fieldsV1, ...more }) as ManagedFields
  const liveWith = (...managedFields: ManagedFields[]) => ({ metadata: { name: 'x', managedFields } }) as Live
  const slipway = entry('slipway', 0, { 'f:spec': { 'f:image': {} } }, { operation: 'Apply' })
  const replicas = ['f:spec', 'f:replicas']

  test('is who has the field now, by a subresource too', () => {
    const scaled = entry('kubectl', 2, { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' })
    const applied = entry('other', 3, { 'f:spec': { 'f:replicas': {} } }, { operation: 'Apply' })
    expect(lastChange(liveWith(slipway, scaled), replicas)).toEqual({ by: 'kubectl (scale)', at: Date.parse('2026-11-25T22:02:00Z') })
    expect(lastChange(liveWith(slipway, scaled, applied), replicas).by).toBe('other (apply)')
  })

  test('is who has the whole list or map that it is part of', () => {
    const list = entry('kubectl-edit', 1, { 'f:spec': { 'f:args': {} } })
    expect(lastChange(liveWith(slipway, list), ['f:spec', 'f:args', 'i:0']).by).toBe('kubectl-edit')
  })

  test('of a field that nobody has any more is not known, whoever changed something else', () => {
    const edit = entry('kubectl-edit', 1, { 'f:metadata': { 'f:labels': { 'f:y': {} } } })
    expect(lastChange(liveWith(slipway, edit), replicas)).toEqual({ by: null, at: null })
    expect(lastChange(liveWith(slipway, edit), ['f:spec', 'f:image'])).toEqual({
      by: 'slipway (apply)',
      at: Date.parse('2026-11-25T22:00:00Z'),
    })
  })
})

describe('what is said of a value', () => {
  const of = (kind: string, path: string, expected: unknown, found: unknown) => shownDifference(kind, { keys: [], path, expected, found })

  test('never holds what a Secret or an environment variable does', () => {
    expect(of('Secret', '.data.password', 'aHVudGVyMg==', 'b3RoZXI=')).toEqual({ expected: 'as applied', found: 'changed' })
    expect(of('Secret', '.metadata.labels.x', '1', undefined)).toEqual({ expected: '1', found: 'missing' })
    expect(of('Deployment', '.spec.template.spec.containers[main].env[PASSWORD].value', 'a', 'hunter2')).toEqual({
      expected: 'as applied',
      found: 'changed',
    })
    const container = { name: 'main', env: [{ name: 'PASSWORD', value: 'hunter2' }] }
    expect(of('Deployment', '.spec.template.spec.containers[main]', container, undefined).expected).toBe('one with name, env')
  })

  test('is short', () => {
    expect(of('ConfigMap', '.data.page', 'x'.repeat(1000), 'y').expected).toHaveLength(120)
    expect(of('Deployment', '.spec.x', ['sh', '-c'], [{ a: 1 }])).toEqual({ expected: '["sh","-c"]', found: 'a list of 1' })
  })
})
