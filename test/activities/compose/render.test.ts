import { expect, test } from 'vitest'
import { decodeContent } from '../../../activities/compose/content.ts'
import { renderCompose } from '../../../activities/compose/render.ts'
import type { ComposeTargetEstate } from '../../../activities/compose/target.ts'

const estateOf = (more: Partial<ComposeTargetEstate>): ComposeTargetEstate => ({
  host: 'h',
  directory: '/srv/app',
  file: 'repository',
  environment: {},
  ...more,
})

/** What the real renderer makes of a service `web` with these lines, in a file with those at its top. */
async function render(web: string, { top = '', ...more }: Partial<ComposeTargetEstate> & { top?: string } = {}) {
  const text = `${top}services:\n  web:\n    image: \${REGISTRY}/shop/web:\${TAG}\n${web}`
  const unused = () => Promise.reject(new Error('not asked for'))
  const input = {
    project: 'shop',
    environment: 'integration',
    candidate: {
      revision: 'a'.repeat(40),
      images: [{ service: 'web', repository: 'shop/web', digest: `sha256:${'1'.repeat(64)}`, inputs: '', reused: false }],
      configHash: '',
    },
    tag: 'develop.aaaaaaaa',
    registry: 'r.example',
    parts: {},
    mirror: { ensure: unused, objectId: unused, checkout: unused, readFile: () => Promise.resolve(Buffer.from(text)) },
  }
  const attempt = { signal: new AbortController().signal, heartbeat: () => {} }
  return decodeContent(await renderCompose(estateOf(more), input, attempt))
}

test('what asks for the host is not rendered', async () => {
  const mounts = '    volumes: ["/var/run/docker.sock:/socket", "/srv/data/web:/data"]\n'
  await expect(render(`    privileged: true\n${mounts}`)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    nonRetryable: true,
    message: expect.stringMatching(/web asks for privileged; web names \/var\/run\/docker.sock; web names \/srv\/data\/web/),
  })
  const allow = { paths: ['/srv/data', '/var/run/docker.sock'], privileges: ['web'] }
  expect((await render(`    privileged: true\n${mounts}`, { allow })).expected).toEqual(['web'])
})

test('what a variable of the estate makes of a path counts', async () => {
  const web = '    volumes: ["${DATA}:/data"]\n'
  await expect(render(web, { environment: { DATA: '/etc' } })).rejects.toMatchObject({ message: expect.stringContaining('web names /etc') })
  expect((await render(web, { environment: { DATA: './data' } })).project).toBe('app')
})

test.each([
  ['', {}],
  ['name: app\n', {}],
  ['name: "${NAME}"\n', { environment: { NAME: 'app' } }],
])('the project is called as the folder is: %j', async (top, more) => {
  expect((await render('', { top, ...more })).project).toBe('app')
})

test('where the estate names the project, a name of the file counts for nothing', async () => {
  expect((await render('', { top: 'name: billing\n', project: 'staging' })).project).toBe('staging')
})

test.each([
  ['name: billing\n', {}, 'found that it names itself "billing"'],
  ['name: "${NAME:-billing}"\n', {}, '"billing"'],
  ['name: "${NAME}"\n', { environment: { NAME: 'billing' } }, '"billing"'],
  ['name: "${HOST_ONLY}"\n', {}, 'HOST_ONLY'],
])('a file that would take another project over is refused: %j', async (top, more, says) => {
  const refused = expect(render('', { top, ...more })).rejects
  await refused.toMatchObject({ type: 'InvalidConfiguration', nonRetryable: true, message: expect.stringContaining(says) })
  await expect(render('', { top, ...more })).rejects.toThrow('target.compose.project')
})
