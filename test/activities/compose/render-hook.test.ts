import { expect, test } from 'vitest'
import { encodeContent } from '../../../activities/compose/content.ts'
import { renderComposeHook } from '../../../activities/compose/render-hook.ts'
import type { RenderInput } from '../../../activities/deploy/target.ts'
import { decodeHook } from '../../../activities/ssh/hook-content.ts'

const HOSTILE = [`'"$(touch pwned)`, '`id`', 'a\nb', '-x', '']
const input = {
  project: 'shop',
  environment: 'integration',
  tag: 'develop.aaaaaaaa',
  candidate: {
    revision: 'a'.repeat(40),
    configHash: '',
    images: [{ service: 'web-site', repository: 'eap/web', digest: `sha256:${'1'.repeat(64)}`, inputs: '', reused: false }],
  },
} as unknown as RenderInput
const content = (file: string | null) =>
  encodeContent({
    version: 1,
    registry: 'r',
    project: 'shop',
    file,
    services: [],
    overrides: {},
    expected: null,
    known: file === null ? [] : ['web'],
    images: {},
    format: null,
    variables: {},
    secrets: ['PASSWORD'],
  })

test('a service with its arguments as they are; the same gives the same bytes', () => {
  const hook = { name: 'migrate', compose: { service: 'web', command: HOSTILE }, timeoutSeconds: 600 }
  const rendered = renderComposeHook(hook, input, content('x'))
  expect(decodeHook(rendered)).toEqual({ version: 1, kind: 'compose', service: 'web', argv: HOSTILE })
  expect(renderComposeHook(hook, input, content('x')).equals(rendered)).toBe(true)
})

test('a service that the compose file does not have is named; of a placed file only its host can tell', () => {
  const hook = { name: 'migrate', compose: { service: 'wbe' }, timeoutSeconds: 600 }
  expect(() => renderComposeHook(hook, input, content('x'))).toThrow('for the hook migrate of integration, found wbe; it has web')
  expect(decodeHook(renderComposeHook(hook, input, content(null)))).toMatchObject({ service: 'wbe', argv: null })
})

test('a command, with what is exported to it', () => {
  const hook = { name: 'warm-up', command: HOSTILE, timeoutSeconds: 600 }
  expect(decodeHook(renderComposeHook(hook, input, content('x')))).toEqual({
    version: 1,
    kind: 'command',
    argv: HOSTILE,
    variables: { TAG: 'develop.aaaaaaaa', DIGEST_WEB_SITE: `sha256:${'1'.repeat(64)}` },
  })
})
