import { expect, test } from 'vitest'
import { basisOf } from '../../../activities/kustomize/basis.ts'
import type { Live } from '../../../activities/kustomize/live.ts'
import { objectDiff } from '../../../activities/kustomize/object-diff.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

const secret = (data: Record<string, string>, metadata: Partial<Live['metadata']> = {}) =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', ...metadata }, data, type: 'Opaque' }) as Live

test('what the server keeps for itself, and what kubectl copied of the whole, is never shown', () => {
  const copied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { password: base64('hunter2') } }) }
  const before = secret({ password: base64('hunter2') }, { uid: '1', resourceVersion: '7', generation: 2, annotations: copied })
  expect(objectDiff(before, secret({ password: base64('hunter2') }))).toBeNull()
  const diff = objectDiff(before, null)
  expect(diff).toContain('-  password: "***"')
  expect(diff).not.toMatch(/hunter2|aHVudGVyMg|last-applied|resourceVersion|uid/)
})

test('an object that becomes a Secret, or was one, hides its values as well', () => {
  const map = { ...secret({ a: 'hunter2' }), kind: 'ConfigMap' }
  expect(objectDiff(map, secret({ a: 'correcthorse' }))).not.toMatch(/hunter2|correcthorse/)
})

test('of a variable that somebody set by hand only the name is shown', () => {
  const deployment = (mode: string) => {
    const env = [
      { name: 'MODE', value: mode },
      { name: 'TOKEN', value: 'hunter2' },
      { name: 'PORT', value: '80' },
    ]
    const mine = { 'f:env': { 'k:{"name":"MODE"}': { '.': {}, 'f:name': {}, 'f:value': {} } } }
    const owned = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': mine } } } } }
    const managedFields = [
      { manager: 'kubectl-set', operation: 'Update' },
      { manager: 'slipway', operation: 'Apply', fieldsV1: owned },
    ]
    const spec = { template: { spec: { containers: [{ name: 'main', env }] } } }
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', managedFields }, spec } as unknown as Live
  }
  const diff = objectDiff(deployment('old'), deployment('new'))
  expect(diff).toMatch(/-\s+value: old[^]*\+\s+value: new/)
  expect(diff).toMatch(/name: TOKEN\n\s+value: "\*\*\*"/)
  expect(diff).not.toContain('hunter2')
  expect(objectDiff(deployment('old'), null)).not.toContain('hunter2')
})

test('the order of keys is no change, the order of a list is one', () => {
  const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }) as Live
  expect(objectDiff(pod({ a: 1, b: 2 }), pod({ b: 2, a: 1 }))).toBeNull()
  expect(objectDiff(pod({ a: [1, 2] }), pod({ a: [2, 1] }))).not.toBeNull()
})

test('a basis follows from what was decided, and from no value of a Secret', () => {
  const at = (live: Live | null) => basisOf({ epoch: 1, attempt: 1 }, [{ path: '/a', live }])
  const object = (more: object) => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', uid: '1' }, spec: { x: 1 }, ...more }) as Live
  expect(at(object({ status: { ready: 1 } }))).toBe(at(object({ status: { ready: 2 } })))
  expect(at(object({ metadata: { name: 'a', uid: '1', resourceVersion: '2', generation: 3, managedFields: [] } }))).toBe(at(object({})))
  const others = [object({ spec: { x: 2 } }), object({ metadata: { name: 'a', uid: '2' } }), object({ data: { a: '1' } }), null]
  expect(new Set([object({}), ...others].map(at)).size).toBe(5)
  expect(basisOf({ epoch: 2, attempt: 1 }, [{ path: '/a', live: object({}) }])).not.toBe(at(object({})))
  expect(basisOf(null, [])).not.toBe(basisOf({ epoch: 0, attempt: 0 }, []))

  const version = { uid: '1', resourceVersion: '7' }
  expect(at(secret({ a: base64('one') }, version))).toBe(at(secret({ a: base64('two') }, version)))
  expect(at(secret({ a: base64('one') }, version))).not.toBe(at(secret({ a: base64('one') }, { ...version, resourceVersion: '8' })))
})
