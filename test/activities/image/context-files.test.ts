import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listContext } from '../../../activities/image/context-files.ts'

let checkout: string
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'slipway-test-context-'))
})
afterEach(async () => await rm(checkout, { recursive: true, force: true }))

async function files(...paths: (string | [string, string])[]) {
  for (const each of paths) {
    const [path, text] = typeof each === 'string' ? [each, ''] : each
    await mkdir(dirname(join(checkout, path)), { recursive: true })
    await writeFile(join(checkout, path), text)
  }
}

const list = async (context = '.', dockerfile = 'Dockerfile') => (await listContext({ checkout, context, dockerfile })).entries

test('everything, in order, without the checkout’s own .git', async () => {
  await files('Dockerfile', '.git', 'b/x', 'a/y', 'a-b', 'sub/.git')
  expect(await list()).toEqual(['Dockerfile', 'a', 'a-b', 'a/y', 'b', 'b/x', 'sub', 'sub/.git'])
})

test('the Dockerfile and the .dockerignore are sent even where they are left out', async () => {
  await files(['.dockerignore', '*\n!src\nsrc/*.md'], 'docker/Dockerfile', 'docker/other', 'src/a', 'src/b.md', 'README')
  expect(await list('.', 'docker/Dockerfile')).toEqual(['.dockerignore', 'docker', 'docker/Dockerfile', 'src', 'src/a'])
})

test("a Dockerfile's own .dockerignore stands above the other", async () => {
  await files(['.dockerignore', 'a'], ['Dockerfile.dockerignore', 'b'], 'Dockerfile', 'a', 'b')
  expect(await list()).toEqual(['.dockerignore', 'Dockerfile', 'Dockerfile.dockerignore', 'a'])
})

test('an ignored folder is looked into for exceptions', async () => {
  await files(['.dockerignore', 'deep\n!deep/in/here\n!**/*.txt'], 'Dockerfile', 'deep/in/here', 'deep/in/there', 'deep/a.txt')
  expect(await list()).toEqual(['.dockerignore', 'Dockerfile', 'deep/a.txt', 'deep/in/here'])
})

test('links in the context stay links, wherever they lead', async () => {
  await files('app/Dockerfile')
  await symlink('/etc/passwd', join(checkout, 'app/link'))
  expect(await list('app')).toEqual(['Dockerfile', 'link'])
})

test.each([
  ['the context', async () => await symlink('/etc', join(checkout, 'app')), 'app', 'Dockerfile', 'leads out of the repository'],
  [
    'a folder above the context',
    async () => await symlink('/etc', join(checkout, 'up')),
    'up/ssl',
    'Dockerfile',
    'leads out of the repository',
  ],
  [
    'the Dockerfile',
    async () => {
      await files('app/x')
      await symlink('/etc/passwd', join(checkout, 'app/Dockerfile'))
    },
    'app',
    'Dockerfile',
    'leads out of the context',
  ],
  ['no context', async () => {}, 'app', 'Dockerfile', 'is not there'],
  ['no Dockerfile', async () => await files('app/x'), 'app', 'Dockerfile', 'is not there'],
])('%s that is not to be had is refused', async (_, prepare, context, dockerfile, words) => {
  await prepare()
  await expect(list(context, dockerfile)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    nonRetryable: true,
    message: expect.stringContaining(words),
  })
})

test('a .dockerignore that is a link is not read', async () => {
  await files('Dockerfile', 'a', ['rules', 'a'])
  await symlink('rules', join(checkout, '.dockerignore'))
  expect(await list()).toContain('a')
})
