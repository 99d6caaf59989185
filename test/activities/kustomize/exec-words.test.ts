import { expect, test } from 'vitest'
import { lastWords } from '../../../activities/kustomize/exec-words.ts'

test.each([
  ['', null],
  [' \n\r\n', null],
  ['the token validation failed', 'the token validation failed'],
  ['starting\nthe cloud is away\n\n', 'the cloud is away'],
  ['10 %\r100 %\r\u001b[31merror: no login\u001b[0m\r\n', 'error: no login'],
  [
    'AADSTS700016: application 1f6c3d2e-0a44-4b8e-9c39-6d1f0b0b7a10 was not found',
    'AADSTS700016: application 1f6c3d2e-0a44-4b8e-9c39-6d1f0b0b7a10 was not found',
  ],
  [
    'open /home/worker/.config/gcloud/application_default_credentials.json: no such file',
    'open /home/worker/.config/gcloud/application_default_credentials.json: no such file',
  ],
])('%j', (stderr, words) => expect(lastWords(stderr, [])).toBe(words))

test.each([
  'token: abcdefgh12',
  'refused {"token":"abcdefgh12"}',
  'password=abcdefgh12 is wrong',
  '> Authorization: Bearer abcdefgh12',
  '> authorization: basic abcdefgh12',
  'sent eyJabcdefgh12.e30.c2ln',
  `key ${'abcdefgh12'.replace(/[g-z]/g, 'a').repeat(4)}`,
  `k8s-aws-v1.aHR0cHM6Ly9zdHMabcdefgh12${'xY7'.repeat(10)}`,
  'said: abcdefgh12',
])('no credential in %j', (line) => {
  const words = lastWords(line, line.startsWith('said') ? ['abcdefgh12'] : [])
  expect(words).toContain('***')
  expect(words).not.toMatch(/abcdefgh12|abcdefaa12/)
})

test('a long line is cut, and costs no time', () => {
  const startMs = performance.now()
  expect(lastWords('aB3.'.repeat(4_000_000), [])!.length).toBeLessThanOrEqual(300)
  expect(lastWords('word '.repeat(1000), [])).toHaveLength(300)
  expect(performance.now() - startMs).toBeLessThan(1000)
})
