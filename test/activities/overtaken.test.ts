import { expect, test } from 'vitest'
import { isOvertaken } from '../../activities/overtaken.ts'
import { isOlderRun, hookKey } from '../../activities/deploy/hook-key.ts'

const [a, b] = ['a'.repeat(12), 'b'.repeat(12)]

test.each([
  ['a younger epoch has it, whosever it is', { epoch: 1, attempt: 9 }, { epoch: 2, attempt: 1 }, true],
  ['an older epoch, whosever it is', { epoch: 2, attempt: 1, identity: a }, { epoch: 1, attempt: 9, identity: b }, false],
  ['a younger attempt has it', { epoch: 1, attempt: 1, identity: a }, { epoch: 1, attempt: 2, identity: a }, true],
  ['the same token', { epoch: 1, attempt: 1, identity: a }, { epoch: 1, attempt: 1, identity: a }, false],
  ['the same epoch of another deployment', { epoch: 1, attempt: 1, identity: a }, { epoch: 1, attempt: 1, identity: b }, true],
  [
    'the same epoch of another deployment, a younger attempt',
    { epoch: 1, attempt: 5, identity: a },
    { epoch: 1, attempt: 1, identity: b },
    true,
  ],
  ['a fence of an earlier version', { epoch: 1, attempt: 2, identity: a }, { epoch: 1, attempt: 1 }, false],
  ['a worker of an earlier version', { epoch: 1, attempt: 2 }, { epoch: 1, attempt: 1, identity: b }, false],
])('%s', (_, mine, held, refused) => {
  expect(isOvertaken(mine, held)).toBe(refused)
})

test('a run of a hook is of its own deployment alone, and of none where it does not say', () => {
  const run = { project: 'p', environment: 'e', fence: { epoch: 3, attempt: 1, identity: a }, hook: { name: 'migrate', run: 1 } }
  expect(hookKey(run)).toBe(`3.migrate.1.${a}`)
  const older = ['2.migrate.1', `2.migrate.1.${a}`, `3.migrate.1.${b}`]
  const own = ['3.migrate.1', `3.migrate.1.${a}`, `3.seed.2.${a}`, `10.migrate.1.${b}`]
  expect([...older, ...own].filter((key) => isOlderRun(key, run.fence))).toEqual(older)
  expect(isOlderRun(`3.migrate.1.${b}`, { epoch: 3, attempt: 2 })).toBe(false)
})
