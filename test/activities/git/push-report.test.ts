import { expect, test } from 'vitest'
import { judgePush, parsePush } from '../../../activities/git/push-report.ts'

test('what push prints', () => {
  const output = 'To /r.git\n!\tabc:refs/heads/x\t[rejected] (stale info)\n*\tabc:refs/heads/y\t[new branch]\nDone\n'
  expect(parsePush(output, 'refs/heads/x')).toEqual({ flag: '!', reason: '[rejected] (stale info)' })
  expect(parsePush(output, 'refs/heads/y')?.flag).toBe('*')
  expect(parsePush(output, 'refs/heads/z')).toBe(null)
})

/** Words of git and of the forges. */
test.each([
  ['[rejected] (fetch first)', '', 'moved'],
  ['[rejected] (non-fast-forward)', '', 'moved'],
  ['[rejected] (stale info)', '', 'moved'],
  ['[remote rejected] (non-fast-forward)', '', 'moved'],
  ['[remote rejected] (incorrect old value provided)', '', 'moved'],
  [
    '[remote rejected] (failed to update ref)',
    `remote: error: cannot lock ref 'refs/heads/develop': is at ${'a'.repeat(40)} but expected ${'b'.repeat(40)}`,
    'moved',
  ],
  ['[remote rejected] (failed to update ref)', "remote: error: cannot lock ref: Unable to create '/r/refs/heads/develop.lock'", 'busy'],
  ['[remote rejected] (unpacker error)', 'remote: fatal: write error: No space left on device', 'busy'],
  ['[remote rejected] (Internal Server Error)', '', 'busy'],
  ['[remote rejected] (pre-receive hook declined)', 'remote: GitLab: Internal API unreachable', 'busy'],
  [
    '[remote rejected] (pre-receive hook declined)',
    'remote: GitLab: You are not allowed to push code to protected branches on this project.',
    'refused',
  ],
  ['[remote rejected] (protected branch hook declined)', 'remote: error: GH006: Protected branch update failed', 'refused'],
  ['[remote rejected] (push declined due to repository rule violations)', 'remote: error: GH013: Repository rule violations', 'refused'],
  ['[remote rejected] (pre-receive hook declined)', 'remote: Gitea: Not allowed to push to protected branch develop', 'refused'],
  [
    '[remote rejected] (TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.)',
    '',
    'refused',
  ],
  ['[remote rejected] (pre-receive hook declined)', 'remote: fetch first, this branch is protected', 'refused'],
  [
    '[remote rejected] (failed to update ref)',
    "remote: error: cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create",
    'refused',
  ],
  ['[no match]', '', 'failed'],
] as const)('%s %s', (reason, stderr, end) => {
  expect(judgePush(1, { flag: '!', reason }, `${reason}\n${stderr}`)).toBe(end)
})

test('without a report of the ref nothing is known', () => {
  expect(judgePush(128, null, 'fatal: unable to access')).toBe('failed')
  expect(judgePush(0, { flag: '*', reason: '[new branch]' }, '')).toBe('done')
  expect(judgePush(0, { flag: '=', reason: '[up to date]' }, '')).toBe('there')
})
