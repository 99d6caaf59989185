import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MergeInput, MergeResult } from '../../../activities/contract.ts'
import { alice, createTeam, git, gitWithInput, joinTeam, type Team } from './support.ts'

const LINES = '1\n2\n3\n4\n5\n6\n7\n8\n9\n'
const BRANCH = 'merge-back/v1.0.0-into-develop'

let team: Team
let base: string
beforeEach(() => begin(createTeam()))
afterEach(() => team.end())

function begin(made: Team) {
  team = made
  base = team.push('develop', { shared: LINES, a: '1' })
}

/** A release branch with a fix, its tag on the remote. */
function release(files: Readonly<Record<string, string>> = { fix: '1' }): string {
  git(team.clone, 'checkout', '-q', '-b', 'release-1.0.0', base)
  const revision = team.push('release-1.0.0', files)
  git(team.clone, 'push', '-q', 'origin', `${revision}:refs/tags/v1.0.0`)
  git(team.clone, 'checkout', '-q', 'develop')
  return revision
}

/** Commits that lie on the remote and on no branch that counts, for hooks to move branches to. */
function spare(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const [commit] = gitWithInput(team.clone, `spare ${index}\n`, 'commit-tree', '-p', 'origin/develop', 'origin/develop^{tree}').split(
      '\n',
    )
    git(team.clone, 'push', '-q', 'origin', `${commit!}:refs/heads/spare-${index}`)
    return commit!
  })
}

const merge = (revision: string, more: Partial<MergeInput> = {}, by: Pick<Team, 'activities'> = team): Promise<MergeResult> =>
  by.activities.mergeInto({
    project: 'shop',
    version: '1.0.0',
    tag: 'v1.0.0',
    revision,
    target: 'develop',
    by: alice,
    mergedAs: null,
    ...more,
  })
const tipOf = (branch: string) => git(team.remote, 'rev-parse', `refs/heads/${branch}`)
const isThere = (branch: string) => git(team.remote, 'branch', '--list', branch) !== ''
const onDevelop = (...args: string[]) => git(team.clone, ...args)
const hook = (name: string, text: string) => {
  const path = join(team.remote, 'hooks', name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}
/** Refuses pushes to develop in these words, as a forge's hook does. */
const protect = (words: string) =>
  hook('pre-receive', `while read old new ref; do [ "$ref" = refs/heads/develop ] && { ${words}; exit 1; }; done; exit 0`)

/** The steps, as a person types them into a shell in a clone of her own. */
function person() {
  const folder = join(team.folder, 'person')
  git(team.folder, 'clone', '-q', team.remote, folder)
  const run = (steps: readonly string[]) => {
    const env = { PATH: process.env['PATH'], HOME: team.folder, GIT_CONFIG_NOSYSTEM: '1', GIT_EDITOR: 'false' }
    const names = { GIT_AUTHOR_NAME: 'Eve', GIT_AUTHOR_EMAIL: 'e@x', GIT_COMMITTER_NAME: 'Eve', GIT_COMMITTER_EMAIL: 'e@x' }
    return spawnSync('sh', ['-c', steps.join('\n')], { cwd: folder, env: { ...env, ...names }, encoding: 'utf8' })
  }
  return { folder, run }
}

describe('a merge', () => {
  test.each(['develop', 'master'])('into %s has two parents, and says what and who', async (target) => {
    const revision = release()
    git(team.clone, 'push', '-q', 'origin', 'develop:refs/heads/master')
    git(team.clone, 'checkout', '-q', '-B', 'master', 'develop')
    const before = team.push(target, { own: '1' })
    const ran = join(team.folder, 'ran')
    hook('post-receive', `cat >${ran}`)
    const result = await merge(revision, { target })
    const tip = tipOf(target)
    expect(result).toEqual({ outcome: 'merged', tip })
    expect(git(team.remote, 'log', '-1', '--format=%P%n%an <%ae>%n%cn <%ce>', tip)).toBe(
      `${before} ${revision}\nSlipway <slipway@localhost>\nSlipway <slipway@localhost>`,
    )
    expect(git(team.remote, 'log', '-1', '--format=%B', tip)).toBe(
      `Merge tag 'v1.0.0' into ${target}\n\nRequested by alice (unverified) through Slipway.`,
    )
    expect(git(team.remote, 'ls-tree', '--name-only', tip).split('\n')).toEqual(['a', 'fix', 'own', 'shared'])
    expect(readFileSync(ran, 'utf8'), 'one ref, and nothing besides').toBe(`${before} ${tip} refs/heads/${target}\n`)
    expect(await merge(revision, { target })).toEqual({ outcome: 'contained', how: 'merge', tip })
    expect(tipOf(target)).toBe(tip)
  })

  test('is a commit also where the branch could be carried forward', async () => {
    const revision = release()
    const { outcome } = await merge(revision)
    expect(outcome).toBe('merged')
    expect(git(team.remote, 'log', '-1', '--format=%P', 'develop')).toBe(`${base} ${revision}`)
  })

  test('carries no name that breaks out of its line', async () => {
    const by = { kind: 'person', name: 'eve\n\nSigned-off-by: bob\u202e\u001b[31m', verified: true } as const
    await merge(release(), { by })
    expect(git(team.remote, 'log', '-1', '--format=%b', 'develop')).toBe('Requested by eve  Signed-off-by: bob  [31m through Slipway.')
  })

  test('of changes that were taken back is one, too', async () => {
    git(team.clone, 'checkout', '-q', '-b', 'release-1.0.0', base)
    team.push('release-1.0.0', { fix: '1' })
    git(team.clone, 'revert', '--no-edit', 'HEAD')
    git(team.clone, 'push', '-q', 'origin', 'release-1.0.0')
    team.push('develop', { own: '1' })
    expect(await merge(git(team.clone, 'rev-parse', 'release-1.0.0'))).toMatchObject({ outcome: 'merged' })
  })

  test('follows .gitattributes: what must not be merged line by line is not', async () => {
    base = team.push('develop', { '.gitattributes': 'CHANGES merge=union\n*.lock -merge\n', CHANGES: LINES, 'x.lock': LINES })
    const revision = release({ CHANGES: `${LINES}release\n` })
    team.push('develop', { CHANGES: `${LINES}develop\n` })
    expect(await merge(revision)).toMatchObject({ outcome: 'merged' })
    expect(git(team.remote, 'show', 'develop:CHANGES')).toBe(`${LINES}develop\nrelease`)

    git(team.clone, 'checkout', '-q', 'release-1.0.0')
    const second = team.push('release-1.0.0', { 'x.lock': LINES.replace('1', 'release') })
    git(team.clone, 'fetch', '-q')
    git(team.clone, 'checkout', '-q', '-B', 'develop', 'origin/develop')
    team.push('develop', { 'x.lock': LINES.replace('9', 'develop') })
    expect(await merge(second, { tag: 'v1.0.1' })).toMatchObject({ outcome: 'conflict', files: ['x.lock'] })
  })

  test('in a sha256 repository', async () => {
    team.end()
    begin(createTeam({ objectFormat: 'sha256' }))
    const revision = release()
    const result = await merge(revision)
    expect(result).toEqual({ outcome: 'merged', tip: tipOf('develop') })
    expect(await merge(revision)).toMatchObject({ outcome: 'contained', how: 'merge' })
  })
})

describe('what is there already', () => {
  test('as a squash', async () => {
    const revision = release()
    team.push('develop', { own: '1' })
    onDevelop('merge', '-q', '--squash', revision)
    const tip = team.push('develop', {}, 'squashed')
    expect(await merge(revision)).toEqual({ outcome: 'contained', how: 'squash', tip })
    expect(tipOf('develop')).toBe(tip)
  })

  test('as a person says, and only when it is so', async () => {
    const revision = release({ a: 'release' })
    const solved = team.push('develop', { a: 'solved' }, 'the release, by hand')
    const tip = team.push('develop', { own: '1' })
    expect(await merge(revision, { mergedAs: solved })).toEqual({ outcome: 'contained', how: 'person', tip })
    git(team.clone, 'checkout', '-q', '-b', 'elsewhere')
    const elsewhere = team.push('elsewhere', { own: '2' })
    for (const mergedAs of [elsewhere, 'f'.repeat(40), 'HEAD\n--x', '']) {
      const failure = merge(revision, { mergedAs })
      await expect(failure).rejects.toMatchObject({ type: 'Conflict', nonRetryable: true })
      await expect(failure).rejects.toThrow(tip.slice(0, 8))
      await expect(failure).rejects.toThrow(JSON.stringify(mergedAs))
    }
    expect(tipOf('develop')).toBe(tip)
    expect(isThere(BRANCH)).toBe(false)
  })

  test('a wrong word of a person merges nothing, even where it could', async () => {
    const revision = release()
    await expect(merge(revision, { mergedAs: 'f'.repeat(40) })).rejects.toMatchObject({ type: 'Conflict' })
    expect(tipOf('develop')).toBe(base)
  })

  test('because the answer of an earlier call was lost', async () => {
    const revision = release()
    const { controller } = team.attempt
    // The remote has taken the push, and the worker is gone before it hears of it.
    hook('post-receive', `touch ${join(team.folder, 'taken')}; sleep 5`)
    const lost = merge(revision)
    const seen = expect(lost).rejects.toThrow()
    while (!existsSync(join(team.folder, 'taken'))) await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort(new Error('killed'))
    await seen
    rmSync(join(team.remote, 'hooks/post-receive'))
    const tip = tipOf('develop')
    const next = joinTeam(team.folder, team.remote, team.clone)
    expect(await merge(revision, {}, next)).toEqual({ outcome: 'contained', how: 'merge', tip })
    expect(tipOf('develop')).toBe(tip)
  })
})

describe('a conflict', () => {
  test('leaves a branch at the tag, names the files, and the steps solve it', async () => {
    const revision = release({ shared: LINES.replace('5', 'release'), fix: '1' })
    const tip = team.push('develop', { shared: LINES.replace('5', 'develop') })
    const result = await merge(revision)
    expect(result).toEqual({
      outcome: 'conflict',
      tip,
      files: ['shared'],
      branch: BRANCH,
      steps: [
        'git fetch origin',
        `git checkout --no-track -b ${BRANCH} refs/remotes/origin/develop`,
        `git merge --no-ff -m "Merge tag 'v1.0.0' into develop" ${revision}`,
        '# solve the conflicts, and git add each file that is solved',
        'git commit --no-edit',
        'git push origin HEAD:refs/heads/develop',
      ],
    })
    expect(tipOf(BRANCH)).toBe(revision)
    expect(tipOf('develop')).toBe(tip)
    expect(await merge(revision), 'asked again').toEqual(result)
    if (result.outcome !== 'conflict') throw new Error(result.outcome)

    const { folder, run } = person()
    run(result.steps)
    expect(tipOf('develop'), 'pasted blindly, nothing happens').toBe(tip)
    writeFileSync(join(folder, 'shared'), LINES.replace('5', 'both'))
    git(folder, 'add', 'shared')
    const end = run(result.steps.slice(3))
    expect(end, end.stderr).toMatchObject({ status: 0 })
    const solved = tipOf('develop')
    expect(git(team.remote, 'log', '-1', '--format=%P%n%s', solved)).toBe(`${tip} ${revision}\nMerge tag 'v1.0.0' into develop`)
    expect(await merge(revision)).toEqual({ outcome: 'contained', how: 'merge', tip: solved })
  })

  test('leaves a branch alone that is there', async () => {
    const revision = release({ a: 'release' })
    const tip = team.push('develop', { a: 'develop' })
    git(team.clone, 'checkout', '-q', '-b', BRANCH, revision)
    const worked = team.push(BRANCH, { a: 'half solved' })
    expect(await merge(revision)).toMatchObject({ outcome: 'conflict', tip, branch: BRANCH })
    expect(tipOf(BRANCH)).toBe(worked)
  })

  test('where the remote lets nobody make that branch is permanent, in its words', async () => {
    const revision = release({ a: 'release' })
    team.push('develop', { a: 'develop' })
    hook('pre-receive', `echo 'no such branches here' >&2; exit 1`)
    const failure = merge(revision)
    await expect(failure).rejects.toMatchObject({ type: 'Conflict', nonRetryable: true })
    await expect(failure).rejects.toThrow(/no such branches here/)
  })

  test('where a branch has the name of its folder is permanent, in words', async () => {
    const revision = release({ a: 'release' })
    team.push('develop', { a: 'develop' })
    git(team.clone, 'push', '-q', 'origin', 'develop:refs/heads/merge-back')
    await expect(merge(revision)).rejects.toMatchObject({ type: 'Conflict', message: expect.stringContaining('exists; cannot create') })
  })

  test('shows hostile names of files as text, cut and counted', async () => {
    const names = [
      'bell\u0007',
      'new\nline',
      'red\u001b[31m',
      'x\u202ey',
      `long${'é'.repeat(120)}`,
      ...Array.from({ length: 20 }, (_, i) => `z${i}`),
    ]
    const all = (text: string) => Object.fromEntries(names.map((name) => [name, text]))
    const revision = release(all('release'))
    team.push('develop', all('develop'))
    const result = await merge(revision)
    if (result.outcome !== 'conflict') throw new Error(result.outcome)
    expect(result.files).toHaveLength(20)
    expect(result.files.slice(0, 5).toSorted()).toEqual([`long${'é'.repeat(120)}`, 'bell?', 'new?line', 'red?[31m', 'x?y'].toSorted())
    expect(result.steps.join()).not.toMatch(/bell|line|red/)
  })

  test('cuts long names of files', async () => {
    const deep = `${'d'.repeat(150)}/${'e'.repeat(150)}`
    const revision = release({ [deep]: 'release' })
    team.push('develop', { [deep]: 'develop' })
    expect(await merge(revision)).toMatchObject({ outcome: 'conflict', files: [`${'d'.repeat(150)}/${'e'.repeat(48)}…`] })
  })

  test('is also a history that has nothing in common', async () => {
    git(team.clone, 'checkout', '-q', '--orphan', 'other')
    const revision = team.push('other', { a: 'other' })
    const result = await merge(revision)
    if (result.outcome !== 'conflict') throw new Error(result.outcome)
    expect(tipOf('develop')).toBe(base)
    const { folder, run } = person()
    run(result.steps)
    expect(tipOf('develop')).toBe(base)
    writeFileSync(join(folder, 'a'), 'both')
    git(folder, 'add', 'a')
    expect(run(result.steps.slice(3)).status).toBe(0)
    expect(await merge(revision)).toMatchObject({ outcome: 'contained', how: 'merge' })
  })
})

describe('a protected target', () => {
  test('gets the finished merge as a branch, and the steps bring it there', async () => {
    const revision = release()
    const tip = team.push('develop', { own: '1' })
    protect(String.raw`printf 'GitLab: \033[31mYou are not allowed to push code to protected branches on this project.\n' >&2`)
    const result = await merge(revision)
    const commit = tipOf(BRANCH)
    expect(result).toEqual({
      outcome: 'protected',
      tip,
      reason:
        '[remote rejected] (pre-receive hook declined); GitLab: You are not allowed to push code to protected branches on this project.',
      branch: BRANCH,
      steps: [
        'git fetch origin',
        `git checkout --no-track -b ${BRANCH} refs/remotes/origin/develop`,
        `git merge --ff -m "Merge tag 'v1.0.0' into develop" ${commit}`,
        'git push origin HEAD:refs/heads/develop',
      ],
    })
    expect(git(team.remote, 'log', '-1', '--format=%P', commit)).toBe(`${tip} ${revision}`)
    expect(tipOf('develop')).toBe(tip)
    expect(await merge(revision), 'asked again').toEqual(result)
    if (result.outcome !== 'protected') throw new Error(result.outcome)

    rmSync(join(team.remote, 'hooks/pre-receive'))
    const end = person().run(result.steps)
    expect(end, end.stderr).toMatchObject({ status: 0 })
    expect(tipOf('develop')).toBe(commit)
    expect(await merge(revision)).toEqual({ outcome: 'contained', how: 'merge', tip: commit })
  })

  test('with a branch that holds something else: that is left, and the steps merge the tag', async () => {
    const revision = release()
    const tip = team.push('develop', { own: '1' })
    git(team.clone, 'push', '-q', 'origin', `${revision}:refs/heads/${BRANCH}`)
    protect(`echo 'GH006: Protected branch update failed' >&2`)
    const result = await merge(revision)
    if (result.outcome !== 'protected') throw new Error(result.outcome)
    expect(tipOf(BRANCH)).toBe(revision)
    rmSync(join(team.remote, 'hooks/pre-receive'))
    expect(person().run(result.steps).status).toBe(0)
    expect(git(team.remote, 'log', '-1', '--format=%P', 'develop')).toBe(`${tip} ${revision}`)
  })

  test('is not a remote whose own service is away', async () => {
    const revision = release()
    protect(`echo 'GitLab: Internal API unreachable' >&2`)
    const failure = merge(revision)
    await expect(failure).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false })
    await expect(failure).rejects.toThrow(/Internal API unreachable/)
    expect(isThere(BRANCH)).toBe(false)
  })

  test("says nothing of the remote's address", async () => {
    const revision = release()
    protect(`echo "no push to $PWD" >&2`)
    const result = await merge(revision)
    expect(result).toMatchObject({ outcome: 'protected', reason: expect.stringContaining('no push to the remote') })
    expect(JSON.stringify(result)).not.toContain(team.folder)
  })
})

describe('a target that moves', () => {
  /** A worker whose git meets, at every push of a merge, a developer who was first. */
  function racing(pushes: readonly string[]) {
    const bin = join(team.folder, 'bin')
    mkdirSync(bin)
    const queue = join(team.folder, 'queue')
    writeFileSync(queue, pushes.map((each) => `${each}\n`).join(''))
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/sh
case "$*" in *' push '*:refs/heads/develop)
  next=$(head -n 1 ${queue}); sed -i 1d ${queue}
  [ -z "$next" ] || ${real} --git-dir=${team.remote} update-ref $next
;; esac
exec ${real} "$@"
`,
    )
    chmodSync(join(bin, 'git'), 0o755)
    return joinTeam(team.folder, team.remote, team.clone, { environment: { PATH: `${bin}:${process.env['PATH']}` } })
  }

  test('once is merged anew', async () => {
    const revision = release()
    const [first] = spare(1)
    const result = await merge(revision, {}, racing([`refs/heads/develop ${first}`]))
    expect(result).toEqual({ outcome: 'merged', tip: tipOf('develop') })
    expect(git(team.remote, 'log', '-1', '--format=%P', 'develop')).toBe(`${first} ${revision}`)
  })

  test('always is tried five times, and then later', async () => {
    const revision = release()
    const others = spare(6)
    const failure = merge(revision, {}, racing(others.map((each) => `refs/heads/develop ${each}`)))
    await expect(failure).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false })
    await expect(failure).rejects.toThrow('develop moved 5 times while v1.0.0 was merged into it; it is tried again.')
    expect(tipOf('develop')).toBe(others[4])
  })

  test('to what has the release already', async () => {
    const revision = release()
    expect(await merge(revision, {}, racing([`refs/heads/develop ${revision}`]))).toEqual({
      outcome: 'contained',
      how: 'merge',
      tip: revision,
    })
  })

  test('back, or away, is not brought back', async () => {
    const revision = release()
    const tip = team.push('develop', { own: '1' })
    const worker = racing([`-d refs/heads/develop ${tip}`])
    git(team.clone, 'push', '-q', 'origin', `${base}:refs/heads/master`)
    expect(await merge(revision, {}, worker)).toEqual({ outcome: 'absent' })
    expect(isThere('develop')).toBe(false)
    git(team.clone, 'push', '-q', 'origin', `${tip}:refs/heads/develop`)
    writeFileSync(join(team.folder, 'queue'), `refs/heads/develop ${base}\n`)
    expect(await merge(revision, {}, worker)).toMatchObject({ outcome: 'merged' })
    expect(git(team.remote, 'log', '-1', '--format=%P', 'develop')).toBe(`${base} ${revision}`)
  })

  test('while the remote takes the push', async () => {
    const revision = release()
    const [first] = spare(1)
    hook(
      'pre-receive',
      `[ -e moved ] && exit 0; touch moved; env -u GIT_QUARANTINE_PATH -u GIT_OBJECT_DIRECTORY git update-ref refs/heads/develop ${first}`,
    )
    const result = await merge(revision)
    expect(result).toEqual({ outcome: 'merged', tip: tipOf('develop') })
    expect(git(team.remote, 'log', '-1', '--format=%P', 'develop')).toBe(`${first} ${revision}`)
  })

  test('a lock on the remote is waited for elsewhere', async () => {
    const revision = release()
    writeFileSync(join(team.remote, 'refs/heads/develop.lock'), '')
    await expect(merge(revision)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false })
    rmSync(join(team.remote, 'refs/heads/develop.lock'))
    expect(await merge(revision)).toMatchObject({ outcome: 'merged' })
  })
})

test('a target that is not there', async () => {
  expect(await merge(release(), { target: 'master' })).toEqual({ outcome: 'absent' })
})

test('a revision that is nowhere', async () => {
  await expect(merge('f'.repeat(40))).rejects.toMatchObject({ type: 'NotFound' })
})

test.each(['$(touch x)', '-rf', 'a b', '../x', 'a..b', 'x.lock', '', 'a\nb', '+develop', 'x:y', 'a'.repeat(201)])(
  '%j is no target, and no tag',
  async (name) => {
    await expect(merge(base, { target: name })).rejects.toMatchObject({ type: 'InvalidConfiguration', nonRetryable: true })
    await expect(merge(base, { tag: name })).rejects.toMatchObject({ type: 'InvalidConfiguration', nonRetryable: true })
  },
)
