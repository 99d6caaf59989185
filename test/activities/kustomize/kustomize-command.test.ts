import { expect, test } from 'vitest'
import { renderArgv, renderEnvironment, rendererPlaces } from '../../../activities/kustomize/kustomize-command.ts'

test('kustomize before kubectl, absolute folders of the PATH only', () => {
  expect(rendererPlaces('/a:.:bin:/b').map((each) => each.path)).toEqual(['/a/kustomize', '/b/kustomize', '/a/kubectl', '/b/kubectl'])
})

test('the commands', () => {
  expect(renderArgv({ program: 'kustomize', path: '/a/kustomize' }, '/c/overlay')).toEqual([
    'build',
    '--load-restrictor',
    'LoadRestrictionsRootOnly',
    '/c/overlay',
  ])
  expect(renderArgv({ program: 'kubectl', path: '/a/kubectl' }, '/c/overlay')).toEqual([
    'kustomize',
    '--load-restrictor',
    'LoadRestrictionsRootOnly',
    '/c/overlay',
  ])
})

test('nothing of the worker is in the environment', () => {
  expect(Object.keys(renderEnvironment('/empty')).toSorted()).toEqual(['HOME', 'HTTPS_PROXY', 'HTTP_PROXY', 'PATH', 'TMPDIR'])
  expect(renderEnvironment('/empty')['PATH']).toBe('/empty')
})
