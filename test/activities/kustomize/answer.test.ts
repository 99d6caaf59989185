import { expect, test } from 'vitest'
import { refusalFailure } from '../../../activities/kustomize/answer.ts'
import { parseManifests } from '../../../activities/kustomize/manifests.ts'
import { isStale, refusedObject } from '../../../activities/kustomize/refused-object.ts'
import { unwrap } from '../../../domain/parsed.ts'

function answer(status: number, body: object = {}, headers = {}) {
  return { status, headers, text: JSON.stringify(body) }
}

test.each([
  [answer(429, { message: 'slow down' }, { 'retry-after': '3' }), 'Unavailable', /slow down \(HTTP 429, asks to wait 3 s\)/],
  [answer(503), 'Unavailable', /HTTP 503 without a word/],
  [answer(401), 'Refused', /does not accept the kubeconfig's credentials/],
  [answer(403, { message: 'pods is forbidden.' }), 'Refused', /forbids to read it: pods is forbidden\.$/],
  [
    answer(403, { message: 'being terminated', details: { causes: [{ reason: 'NamespaceTerminating' }] } }),
    'Unavailable',
    /being terminated/,
  ],
  [answer(404, { message: 'gone' }), 'NotFound', /gone/],
  [answer(422, { message: 'bad' }), 'RenderFailed', /bad/],
])('%#', (given, type, words) => {
  expect(refusalFailure('https://k.example', given, 'read it')).toMatchObject({
    type,
    message: expect.stringMatching(words),
    nonRetryable: type !== 'Unavailable',
  })
})

const [manifest] = unwrap(parseManifests('{apiVersion: apps/v1, kind: Deployment, metadata: {name: website}}'))

function conflict(manager: string) {
  return answer(409, {
    message: 'Apply failed',
    reason: 'Conflict',
    details: { causes: [{ reason: 'FieldManagerConflict', message: `conflict with "${manager}" using apps/v1`, field: '.spec.replicas' }] },
  })
}

test('a field of another manager', () => {
  expect(refusedObject('https://k', 'ns', manifest!, conflict('hpa'))).toMatchObject({
    type: 'Conflict',
    message: expect.stringMatching(/^deployment\/website in namespace ns: hpa already decides \.spec\.replicas\. Leave the field out/),
  })
  expect(isStale(conflict('hpa'))).toBe(false)
})

test('what a person put there with kubectl can be given to Slipway', () => {
  expect(refusedObject('https://k', 'ns', manifest!, conflict('kubectl-client-side-apply')).message).toContain(
    'kubectl apply --server-side --field-manager slipway --force-conflicts --namespace ns -f -',
  )
})

test('a stale resourceVersion is no conflict of fields', () => {
  expect(isStale(answer(409, { message: 'the object has been modified', reason: 'Conflict' }))).toBe(true)
})

test('an immutable field says what helps', () => {
  const words = refusedObject(
    'https://k',
    'ns',
    manifest!,
    answer(422, { message: 'spec.template: Invalid value: field is immutable' }),
  ).message
  expect(words).toContain('an object with a new name')
})
