import { describe, expect, test } from 'vitest'
import { gitFailure, troubleOf } from '../../../activities/git/classify.ts'
import { plainWords } from '../../../activities/git/plain-words.ts'

const REST =
  '\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n'

describe('what git and ssh say', () => {
  test.each([
    [
      'hostKey',
      `No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking.\nHost key verification failed.${REST}`,
    ],
    ['hostKey', `@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.${REST}`],
    ['login', `git@git.example: Permission denied (publickey).${REST}`],
    ['login', `Load key "/keys/id": invalid format\ngit@git.example: Permission denied (publickey).${REST}`],
    ['login', "fatal: Authentication failed for 'https://git.example/shop.git/'"],
    ['login', "fatal: could not read Username for 'https://git.example': terminal prompts disabled"],
    ['login', "fatal: unable to access 'https://git.example/x/': The requested URL returned error: 403"],
    ['login', `remote: ERROR: You are not allowed to push code to this project.${REST}`],
    ['notFound', "fatal: repository 'https://git.example/shop.git/' not found"],
    ['notFound', `fatal: '/srv/shop.git' does not appear to be a git repository${REST}`],
    ['notFound', `ERROR: Repository not found.${REST}`],
    ['notFound', `remote: The project you were looking for could not be found or you don't have permission to view it.${REST}`],
    ['away', `ssh: Could not resolve hostname git.example: Name or service not known${REST}`],
    ['away', `ssh: connect to host 127.0.0.1 port 22: Connection refused${REST}`],
    ['away', `ssh: connect to host git.example port 22: Connection timed out${REST}`],
    ['away', `kex_exchange_identification: Connection closed by remote host${REST}`],
    ['away', "fatal: unable to access 'https://git.example/x/': Could not resolve host: git.example"],
    ['away', "fatal: unable to access 'https://git.example/x/': The requested URL returned error: 502"],
    ['away', "fatal: unable to access 'https://git.example/x/': The requested URL returned error: 429"],
    [
      'away',
      "fatal: unable to access 'https://localhost:1/x/': Failed to connect to localhost port 1 after 0 ms: Couldn't connect to server",
    ],
    ['away', 'fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF'],
    ['diskFull', 'fatal: write error: No space left on device\nfatal: index-pack failed'],
    ['gone', 'fatal: remote error: upload-pack: not our ref 0123456789abcdef0123456789abcdef01234567'],
    ['gone', 'error: Server does not allow request for unadvertised object 0123456789abcdef0123456789abcdef01234567'],
    ['locked', "error: cannot lock ref 'refs/slipway/held/heads%develop': Unable to create '/x.lock': File exists."],
    ['unknown', 'fatal: something new'],
  ])('%s: %s', (trouble, stderr) => expect(troubleOf(stderr)).toBe(trouble))
})

test('permanent and transient, with the reason first and the words last', () => {
  expect(gitFailure('list the refs of /r.git', 'git@h: Permission denied (publickey).')).toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message:
      'Slipway could not list the refs of /r.git: the login was refused. Check login of the repository in the estate. It said: git@h: Permission denied (publickey).',
  })
  expect(gitFailure('fetch', 'repository not found')).toMatchObject({ type: 'NotFound', nonRetryable: true })
  expect(gitFailure('fetch', 'No space left on device')).toMatchObject({
    nonRetryable: false,
    message: expect.stringContaining('the disk is full. Free space there; `slipway clean`'),
  })
  expect(gitFailure('fetch', '')).toMatchObject({
    nonRetryable: false,
    message: 'Slipway could not fetch: git ended with an error; it is tried again.',
  })
})

test('words are on one line, without colours and invisible characters, and short', () => {
  expect(plainWords('remote: \u001b[31mno\u001b[0m\u0007 way\u202e!\r\nremote:\nhint: x\nremote: 不允许\n')).toBe('no way !; 不允许')
  expect(plainWords('x'.repeat(5000))).toHaveLength(300)
})
