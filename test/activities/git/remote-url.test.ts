import { expect, test } from 'vitest'
import { redact } from '../../../activities/git/remote.ts'
import { allowedProtocols, parseRemoteUrl } from '../../../activities/git/remote-url.ts'

test.each([
  ['/srv/git/shop.git', { kind: 'local' }, ['file']],
  ['file:///srv/git/shop.git', { kind: 'local' }, ['file']],
  ['https://git.example/shop.git', { kind: 'https', origin: 'https://git.example' }, ['https']],
  ['http://git.example:3000/shop.git', { kind: 'http', origin: 'http://git.example:3000' }, ['http', 'https']],
  ['ssh://git@git.example/shop.git', { kind: 'ssh', host: 'git.example', port: 22 }, ['ssh']],
  ['ssh://git@git.example:2222/shop.git', { kind: 'ssh', host: 'git.example', port: 2222 }, ['ssh']],
  ['git@git.example:team/shop.git', { kind: 'ssh', host: 'git.example', port: 22 }, ['ssh']],
])('%s', (url, parsed, protocols) => {
  expect(parseRemoteUrl(url)).toEqual(parsed)
  expect(allowedProtocols(parseRemoteUrl(url))).toEqual(protocols)
})

test.each([
  'ext::sh -c id',
  'https://ann:canary@git.example/x',
  'ssh://git:canary@git.example/x',
  'git://git.example/x',
  '-oProxyCommand=id',
  '',
  'x',
])('%j is refused, without its password', (url) => {
  expect(() => parseRemoteUrl(url)).toThrow(/The repository's url in the estate should be/)
  expect(() => parseRemoteUrl(url)).not.toThrow(/canary/)
})

test('secrets are taken out of what a remote says', () => {
  expect(redact('token abc was refused; abc!', ['abc'])).toBe('token *** was refused; ***!')
  expect(redact('nothing', [])).toBe('nothing')
})
