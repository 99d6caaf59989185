import { mkdtemp, rm, symlink, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findForeignSource } from '../../../activities/kustomize/sources.ts'
import { checkoutOf } from './bench.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'slipway-test-sources-'))))
afterAll(async () => await rm(folder, { recursive: true, force: true }))

async function check(files: Record<string, string>, link?: { at: string; to: string }): Promise<string | null> {
  const checkout = await checkoutOf(folder, {
    'base/kustomization.yml': 'resources: [a.yaml]',
    'base/a.yaml': '{}',
    'overlay/t.yaml': '{}',
    ...files,
  })
  if (link) await symlink(link.to, join(checkout, link.at))
  return await findForeignSource(checkout, 'overlay')
}

const at = (text: string) => ({ 'overlay/kustomization.yaml': text })

test.each([
  'resources: [../base]',
  'resources: [../base]\ncommonAnnotations: {docs: "https://docs.example"}\nconfigMapGenerator: [{name: a, literals: ["URL=https://x.example"]}]',
  'resources: [../base]\npatches: [{patch: "- op: add\\n  path: /a\\n  value: https://x.example"}]',
  'resources: [../base]\ntransformers: [t.yaml]',
])('lets pass %j', async (text) => expect(await check(at(text))).toBeNull())

test.each([
  ['resources: ["https://x.example/a.yaml"]', /loads "https:\/\/x.example\/a.yaml"; nothing is fetched/],
  ['resources: ["HTTP://127.0.0.1:1/a"]', /nothing is fetched/],
  ['resources: ["ssh://git@x.example/r"]', /nothing is fetched/],
  ['resources: [github.com/org/repo//path?ref=v1]', /which is not in the repository; remote bases are not fetched/],
  ['resources: ["git@github.com:org/repo"]', /not in the repository/],
  ['bases: ["https://x.example/a"]', /nothing is fetched/],
  ['components: ["https://x.example/a"]', /nothing is fetched/],
  ['configMapGenerator: [{name: a, files: ["k=http://127.0.0.1:8233/api"]}]', /nothing is fetched/],
  ['secretGenerator: [{name: a, envs: ["http://127.0.0.1/e"]}]', /nothing is fetched/],
  ['patches: [{path: "http://127.0.0.1/p"}]', /nothing is fetched/],
  ['openapi: {path: "http://127.0.0.1/p"}', /nothing is fetched/],
  ['transformers: ["{kind: PatchTransformer,\\n path: http://127.0.0.1/p}"]', /nothing is fetched/],
  ['transformers: [fetching.yaml]', /nothing is fetched/],
  ['resources: [../../..]', /lies outside the repository/],
  ['resources: [/etc]', /lies outside the repository/],
  ['resources: [linked]', /lies outside the repository/],
  ['resources: [../middle]', /middle\/kustomization.yaml loads/],
  ['Resources: [../../..]', /lies outside the repository/],
  ['<<: { resources: [../../..] }', /lies outside the repository/],
  ['configmapgenerator: [{name: a, Files: ["http://127.0.0.1/e"]}]', /nothing is fetched/],
  ['a: [', /no YAML that can be read/],
])('refuses %j', async (text, problem) => {
  const files = {
    ...at(text),
    'overlay/fetching.yaml': 'kind: PatchTransformer\npath: http://127.0.0.1/p\n',
    'middle/kustomization.yaml': 'resources: ["https://x.example/a.yaml"]',
  }
  expect(await check(files, { at: 'overlay/linked', to: folder })).toMatch(problem)
})

test.each([
  'resources: [big.bin]',
  'configMapGenerator: [{name: a, files: [big.bin]}]',
  'configMapGenerator: [{name: a, files: [k=big.bin]}]',
])('a file of 200 MB is not loaded by %s', async (text) => {
  const checkout = await checkoutOf(folder, { ...at(text), 'overlay/big.bin': '' })
  await truncate(join(checkout, 'overlay', 'big.bin'), 200 * 1024 * 1024)
  expect(await findForeignSource(checkout, 'overlay')).toBe('overlay/big.bin is over 5 MB')
})

test('an overlay that is not there is said so', async () => {
  expect(await check({})).toBe('there is no kustomization.yaml in the folder "overlay"')
})

test('kustomizations that name each other end', async () => {
  expect(await check({ ...at('resources: [../base, ../overlay]') })).toBeNull()
})
