import { describe, expect, it } from 'vitest'
import { resolveSecret, type SecretSources } from '../../config/secrets.ts'

const files: Record<string, string> = {
  '/s/password': 'pass\n',
  '/s/windows': 'pass\r\n',
  '/s/two': 'pass\n\n',
  '/s/empty': '\n',
  '/s/bare': 'pass',
}
const sources: SecretSources = {
  env: { PASSWORD: 'from env', NEWLINE: 'x\n', EMPTY: '' },
  readFile: (path) => {
    const text = files[path]
    if (text !== undefined) return Promise.resolve(text)
    const code = path === '/s/closed' ? 'EACCES' : path === '/s/broken' ? 'EIO' : 'ENOENT'
    return Promise.reject(Object.assign(new Error('hunter2 in a message of the system'), { code }))
  },
}

describe('resolveSecret', () => {
  it.each([
    [{ env: 'PASSWORD' }, 'from env'],
    [{ env: 'NEWLINE' }, 'x\n'],
    [{ file: '/s/password' }, 'pass'],
    [{ file: '/s/windows' }, 'pass'],
    [{ file: '/s/two' }, 'pass\n'],
    [{ file: '/s/bare' }, 'pass'],
  ])('%j', async (reference, value) => {
    expect(await resolveSecret(reference, sources)).toEqual({ ok: true, value })
  })

  it.each([
    [{ env: 'NONE' }, 'expected a secret in the environment variable "NONE", which is not set; set it where the worker is started'],
    [{ env: 'EMPTY' }, 'expected a secret in the environment variable "EMPTY", which is empty; set it where the worker is started'],
    [{ env: 'toString' }, 'expected a secret in the environment variable "toString", which is not set; set it where the worker is started'],
    [
      { file: '/s/none' },
      'expected a secret in the file "/s/none", which does not exist; place it beside the worker, readable for its user only',
    ],
    [
      { file: '/s/closed' },
      'expected a secret in the file "/s/closed", which the worker\'s user may not read; place it beside the worker, readable for its user only',
    ],
    [
      { file: '/s/broken' },
      'expected a secret in the file "/s/broken", which cannot be read (EIO); place it beside the worker, readable for its user only',
    ],
    [
      { file: '/s/empty' },
      'expected a secret in the file "/s/empty", which is empty; place it beside the worker, readable for its user only',
    ],
  ])('%j is a problem that names the reference', async (reference, problem) => {
    expect(await resolveSecret(reference, sources)).toEqual({ ok: false, problem })
  })
})
