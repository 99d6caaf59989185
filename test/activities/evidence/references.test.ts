import { expect, test } from 'vitest'
import { valuesIn } from '../../../activities/evidence/history.ts'
import { referencesIn } from '../../../activities/evidence/references.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`

test('what a record names in the store is found wherever it stands', () => {
  const anne = { kind: 'person', name: 'anne', verified: true, key: 'SHA256:x', statement: digest('1') }
  const record = {
    deployments: [{ approval: { by: anne, plan: digest('2'), earlier: [{ by: { ...anne, statement: digest('3') } }] }, plan: digest('4') }],
    waiting: [{ stage: { preparation: { plan: { ok: true, whole: digest('5'), basis: digest('6') } } } }],
    log: { digest: digest('7'), bytes: 3 },
  }
  const { statements, contents } = referencesIn(record)
  expect([...statements]).toEqual([digest('1'), digest('3')])
  expect(new Set(contents)).toEqual(new Set([digest('2'), digest('4'), digest('5'), digest('7')]))
})

test('a person who is not verified signed nothing, and what is no digest is none', () => {
  const forged = { kind: 'person', name: 'anne', verified: false, statement: digest('1') }
  const path = { kind: 'person', name: 'anne', verified: true, statement: '../../etc/passwd' }
  const { statements, contents } = referencesIn(forged, path, { digest: 'x', bytes: 1, plan: 'sha256:short' })
  expect([...statements, ...contents]).toEqual([])
})

test('payloads of a history are read, and what is no JSON is passed over', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const payload = (encoding: string, data: string) => ({ metadata: { encoding: base64(encoding) }, data: base64(data) })
  const event = { input: { payloads: [payload('json/plain', '{"a":1}'), payload('binary/null', ''), payload('json/plain', '{')] } }
  expect(valuesIn(event)).toEqual([{ a: 1 }])
})
