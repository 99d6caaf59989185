import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findRenderer, renderOverlay } from '../../../activities/kustomize/render.ts'
import { labEnv } from '../../../lab/env.ts'
import { candidateOf, checkoutOf, quietAttempt } from './bench.ts'

// Rendering needs the programs of the lab and nothing that runs.
const digest = `sha256:${'d'.repeat(64)}`
let folder = ''
let path = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-render-'))
  path = (await labEnv(join(import.meta.dirname, '../../..'))).path
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

async function render(
  files: Record<string, string>,
  options: { searchPath?: string; overlay?: string | null; signal?: AbortSignal } = {},
): Promise<string> {
  const checkout = await checkoutOf(folder, files)
  const overlay = options.overlay === undefined ? 'deploy/overlays/alpha' : options.overlay
  const content = await renderOverlay(
    'shop-alpha',
    { stateFolder: join(folder, 'state'), environment: { PATH: options.searchPath ?? path, SECRET: 'canary' } },
    {
      project: 'shop',
      environment: 'alpha',
      candidate: candidateOf({ website: digest }, 'eap'),
      tag: 'v1.0.0',
      registry: 'registry.example:5000',
      parts: overlay === null ? {} : { kustomize: { overlay } },
      mirror: {
        ensure: async () => {},
        readFile: async () => null,
        objectId: async () => null,
        checkout: async () => ({ folder: checkout, release: async () => {} }),
      },
    },
    quietAttempt(options.signal).attempt,
  )
  return content.toString()
}

const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: website}\nspec: {template: {spec: {containers: [{name: main, image: "eap/website:1"}]}}}\n'
const files = {
  'deploy/base/kustomization.yaml': 'resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [MODE=0644]}]\n',
  'deploy/base/web.yaml': deployment,
  'deploy/overlays/alpha/kustomization.yaml':
    'namespace: shop-alpha\nresources: [../../base]\nimages: [{name: eap/website, newTag: old}]\n',
}

test('an overlay over a base, by digest, the same bytes each time, by kustomize and by kubectl', async () => {
  const once = await render(files)
  expect(once).toContain(`image: registry.example:5000/eap/website@${digest}`)
  expect(once).toContain('MODE: "0644"')
  expect(once).not.toContain('canary')
  const onlyKubectl = join(folder, 'only-kubectl')
  await mkdir(onlyKubectl)
  await symlink(join(path, 'kubectl'), join(onlyKubectl, 'kubectl'))
  expect(await findRenderer(onlyKubectl)).toEqual({ program: 'kubectl', path: join(onlyKubectl, 'kubectl') })
  expect(await render(files, { searchPath: onlyKubectl })).toBe(once)
})

test.each<[string, Record<string, string>, Parameters<typeof render>[1], object]>([
  [
    'no overlay named',
    files,
    { overlay: null },
    { type: 'InvalidConfiguration', message: expect.stringContaining('add environments.alpha.kustomize.overlay') },
  ],
  [
    'no program',
    files,
    { searchPath: '/nowhere' },
    { type: 'InvalidConfiguration', message: expect.stringContaining('install one of them') },
  ],
  [
    'no such folder',
    files,
    { overlay: 'deploy/overlays/beta' },
    {
      type: 'RenderFailed',
      message: expect.stringContaining(
        'at revision aaaaaaaa does not render: there is no kustomization.yaml in the folder "deploy/overlays/beta"',
      ),
    },
  ],
  [
    'a missing file',
    { ...files, 'deploy/base/kustomization.yaml': 'resources: [gone.yaml]' },
    {},
    { type: 'RenderFailed', message: expect.stringContaining('names "gone.yaml", which is not in the repository') },
  ],
  [
    'kustomize says no',
    { ...files, 'deploy/base/web.yaml': 'kind: [\n' },
    {},
    { type: 'RenderFailed', message: expect.stringMatching(/does not render: (?!.*slipway-test)/s) },
  ],
  [
    'a file outside its folder',
    {
      ...files,
      'deploy/base/kustomization.yaml': 'resources: [web.yaml]\nconfigMapGenerator: [{name: a, files: [../../secret.txt]}]',
      'secret.txt': 'x',
    },
    {},
    { type: 'RenderFailed', message: expect.stringContaining('security') },
  ],
  [
    'helm',
    { ...files, 'deploy/base/kustomization.yaml': 'helmCharts: [{name: x, repo: "https://x.example"}]' },
    {},
    { type: 'RenderFailed', message: expect.stringContaining('helm') },
  ],
  [
    'too much',
    {
      ...files,
      'deploy/base/kustomization.yaml': 'resources: [web.yaml]\nconfigMapGenerator: [{name: a, files: [one.txt, two.txt]}]',
      'deploy/base/one.txt': 'x'.repeat(3 << 20),
      'deploy/base/two.txt': 'y'.repeat(3 << 20),
    },
    {},
    { type: 'RenderFailed', message: expect.stringContaining('more than 5 MB') },
  ],
])('%s', async (_name, given, options, failure) => {
  await expect(render(given, options)).rejects.toMatchObject({ nonRetryable: true, ...failure })
})

test('aliases that would grow without end are refused, and soon', async () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) =>
      `  l${level}: &l${level} [${Array(10)
        .fill(level === 0 ? 'x' : `*l${level - 1}`)
        .join(', ')}]`,
  )
  const bomb = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n${levels.join('\n')}\n`
  await expect(render({ ...files, 'deploy/base/web.yaml': `${deployment}---\n${bomb}` })).rejects.toMatchObject({
    type: 'RenderFailed',
    message: expect.stringContaining('aliases that expand'),
  })
})

test('a cancelled attempt ends the program', async () => {
  const slow = join(folder, 'slow')
  await mkdir(slow)
  await writeFile(join(slow, 'kustomize'), '#!/bin/sh\nexec /bin/sleep 30\n')
  await chmod(join(slow, 'kustomize'), 0o755)
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('cancelled')), 200)
  const startMs = performance.now()
  await expect(render(files, { searchPath: slow, signal: controller.signal })).rejects.toThrow('cancelled')
  expect(performance.now() - startMs).toBeLessThan(3000)
})
