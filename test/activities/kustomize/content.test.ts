import { expect, test } from 'vitest'
import { makeContent, unusedServices } from '../../../activities/kustomize/content.ts'
import { imageName } from '../../../activities/kustomize/images.ts'
import { parseManifests } from '../../../activities/kustomize/manifests.ts'
import { unwrap } from '../../../domain/parsed.ts'
import { candidateOf } from './bench.ts'

const website = `sha256:${'a'.repeat(64)}`
const api = `sha256:${'b'.repeat(64)}`
const { images } = candidateOf({ website, api }, 'eap')
const registry = 'registry.example:5000'

function make(rendered: string) {
  return makeContent({ rendered, owner: { project: 'shop', environment: 'alpha' }, namespace: 'shop-alpha', images, registry })
}

function pod(image: string, more = ''): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n${more}spec:\n  containers:\n  - image: ${image}\n    name: main\n`
}

test.each([
  'eap/website',
  'eap/website:v1',
  'registry.example:5000/eap/website',
  'registry.example:5000/eap/website:v1',
  `eap/website@sha256:${'c'.repeat(64)}`,
  '"eap/website:1.0"',
])('%s becomes the digest', (image) =>
  expect(unwrap(make(pod(image)))).toMatch(new RegExp(`image: "?registry.example:5000/eap/website@${website}"?\n`)),
)

test('images elsewhere stay as they are, in any kind of object', () => {
  const text = `apiVersion: argoproj.io/v1
kind: Rollout
metadata:
  name: r
spec:
  template:
    spec:
      initContainers:
      - image: eap/api:old
        name: init
      containers:
      - image: other.example/eap/website:v1
        name: a
      - image: docker.io/library/nginx:1.27
        name: b
      - name: none
  image: eap/website
`
  const content = unwrap(make(text))
  expect(content).toContain(`image: ${registry}/eap/api@${api}\n`)
  expect(content).toContain('image: other.example/eap/website:v1\n')
  expect(content).toContain('image: docker.io/library/nginx:1.27\n')
  expect(content).toContain('  image: eap/website\n')
  expect(unusedServices(unwrap(parseManifests(content)), images, registry)).toEqual(['website'])
})

test('objects get the namespace and marks, pod templates and other managers stay', () => {
  const content = unwrap(make(pod('eap/website', '  labels:\n    app.kubernetes.io/managed-by: Helm\n  annotations: null\n')))
  expect(content).toContain('namespace: "shop-alpha"')
  expect(content).toContain('slipway/project: "shop"')
  expect(content).toContain('slipway/environment: "alpha"')
  expect(content).toContain('managed-by: Helm')
  expect(content).not.toContain('managed-by: "slipway"')
})

test('the order is ours: Namespace, what pods need, what runs pods; the bytes are the same each time', () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: z\n'
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop-alpha\n'
  const parts = [pod('eap/website'), service, namespace]
  const one = unwrap(make(parts.join('---\n')))
  const other = unwrap(make(parts.toReversed().join('---\n')))
  expect(one).toBe(other)
  expect(unwrap(parseManifests(one)).map((each) => each.kind)).toEqual(['Namespace', 'Service', 'Pod'])
  expect(one).not.toMatch(/kind: Namespace\nmetadata:\n {2}name: shop-alpha\n {2}/)
})

test.each([
  ['', /holds no objects/],
  [pod('eap/website', '  namespace: other\n'), /puts pod\/p into namespace "other"; this environment is namespace shop-alpha/],
  [
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: all\n',
    /clusterrole\/all, which belong to the whole cluster/,
  ],
  ['apiVersion: v1\nkind: Namespace\nmetadata:\n  name: other\n', /namespace\/other, which belong to the whole cluster/],
  [`${pod('eap/website')}---\n${pod('eap/website')}`, /holds pod\/p twice/],
  ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: slipway-fence.shop.alpha\n', /a name that Slipway keeps/],
  [
    pod('repository.example/eap/website:v1'),
    /uses none of the candidate's images \(eap\/website, eap\/api\), only "repository.example\/eap\/website:v1"/,
  ],
  ['apiVersion: v1\nkind: Service\nmetadata:\n  name: z\n', /only no image at all/],
])('refuses %j', (rendered, problem) => {
  expect(make(rendered)).toEqual({ ok: false, problem: expect.stringMatching(problem) })
})

test.each([
  ['nginx', 'nginx'],
  ['nginx:1', 'nginx'],
  ['r.example:5000/a/b', 'r.example:5000/a/b'],
  ['r.example:5000/a/b:c@sha256:d', 'r.example:5000/a/b'],
])('the name in %s is %s', (image, name) => expect(imageName(image)).toBe(name))
