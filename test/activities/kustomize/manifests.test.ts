import { expect, test } from 'vitest'
import { formatManifests, parseManifests, setString } from '../../../activities/kustomize/manifests.ts'
import { unwrap } from '../../../domain/parsed.ts'

// As kustomize writes it, with every kind of scalar whose meaning a YAML library might change.
const RENDERED = `apiVersion: v1
data:
  "10": {}
  a: 0644
  b: "0644"
  c: yes
  d: "yes"
  e: 1:30
  f: null
  g: 1e3
  h:
  i: |
    multi
      line # not a comment
    end
  j: >-
    folded text

    para
  k: "tab\\there"
  l: 'it''s # fine'
  m: 2024-01-01
  "n":
  - a
  - 0x1F
  o: []
  p: "\\u2028 \\u0085 \\ufeff"
  q: |+
    keep

  r: 'trail  '
  s: 1_000
  t: .5
  u: !!binary aGVsbG8=
  v: a very long plain string that goes on and on and on and on and on and on and on and on and on and on and on and on
kind: ConfigMap
metadata:
  name: settings
`

test('what kustomize wrote comes out as it was', () => {
  expect(formatManifests(unwrap(parseManifests(RENDERED)))).toBe(`---\n${RENDERED}`)
})

test('documents are parted once each, however they came', () => {
  const two = `${RENDERED}---\n${RENDERED.replace('settings', 'other')}`
  const written = formatManifests(unwrap(parseManifests(two)))
  expect(written).toBe(`---\n${RENDERED}---\n${RENDERED.replace('settings', 'other')}`)
  expect(formatManifests(unwrap(parseManifests(written)))).toBe(written)
})

test('a set string is in quotes, so that nobody reads a number', () => {
  const [manifest] = unwrap(parseManifests('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n'))
  setString(manifest!.document, ['metadata', 'resourceVersion'], '1e3')
  expect(formatManifests([manifest!])).toContain('resourceVersion: "1e3"')
})

test('empty documents are no objects', () => {
  expect(parseManifests('---\n---\nnull\n---\n# nothing\n')).toEqual({ ok: true, value: [] })
})

test.each([
  ['a: 1\na: 2\n', /not valid YAML/],
  ['- a\n', /no Kubernetes object/],
  ['kind: ConfigMap\nmetadata: {name: x}\n', /without a valid apiVersion and kind/],
  ['apiVersion: ../x\nkind: ConfigMap\nmetadata: {name: x}\n', /without a valid apiVersion and kind/],
  ['apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n', /without metadata.name/],
  ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\na: &a [1]\nb: [*a, *a]\n', /YAML aliases in ConfigMap x/],
])('refuses %j', (text, problem) => {
  expect(parseManifests(text)).toEqual({ ok: false, problem: expect.stringMatching(problem) })
})

test('a namespace that is null is none', () => {
  const [manifest] = unwrap(parseManifests('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: null\n'))
  expect(manifest?.namespace).toBeNull()
})
