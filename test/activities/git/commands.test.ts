import { expect, test } from 'vitest'
import * as commands from '../../../activities/git/commands.ts'
import { configVariables, gitEnvironment } from '../../../activities/git/environment.ts'
import { heldAt } from '../../../activities/git/held-refs.ts'

const M = '/state/git/shop.git'
const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const line = (command: { args: readonly string[]; stdin?: string }) => [
  command.args.join(' '),
  ...(command.stdin === undefined ? [] : [command.stdin]),
]

test('every command, word by word', () => {
  expect(line(commands.initMirror('/x', 'sha1'))).toEqual(['init --quiet --bare --template= --object-format=sha1 --end-of-options /x'])
  expect(line(commands.listRefs('/r.git'))).toEqual(['ls-remote --quiet --heads --tags --end-of-options /r.git'])
  expect(line(commands.fetchObjects(M, '/r.git', [{ object: A, ref: 'refs/slipway/held/heads%develop' }], false))).toEqual([
    `--git-dir=${M} fetch --quiet --no-tags --no-write-fetch-head --no-recurse-submodules --no-show-forced-updates --no-auto-maintenance --stdin --end-of-options /r.git`,
    `+${A}:refs/slipway/held/heads%develop\n`,
  ])
  expect(line(commands.fetchBranches(M, '/r.git'))).toEqual([
    `--git-dir=${M} fetch --quiet --no-tags --no-write-fetch-head --no-recurse-submodules --no-show-forced-updates --no-auto-maintenance --prune --stdin --end-of-options /r.git`,
    '+refs/heads/*:refs/slipway/all/*\n',
  ])
  const push = `--git-dir=${M} push --porcelain --no-verify --no-follow-tags --recurse-submodules=no`
  expect(line(commands.pushRef(M, '/r.git', 'refs/heads/x', A, null))).toEqual([
    `${push} --force-with-lease=refs/heads/x: --end-of-options /r.git ${A}:refs/heads/x`,
  ])
  expect(line(commands.pushRef(M, '/r.git', 'refs/heads/x', A, B))).toEqual([
    `${push} --force-with-lease=refs/heads/x:${B} --end-of-options /r.git ${A}:refs/heads/x`,
  ])
  expect(line(commands.commitMerge(M, 'c'.repeat(40), [A, B], 'why\n'))).toEqual([
    `--git-dir=${M} commit-tree -p ${A} -p ${B} ${'c'.repeat(40)}`,
    'why\n',
  ])
  expect(line(commands.makeTag(M, 'content'))).toEqual([`--git-dir=${M} mktag`, 'content'])
  expect(line(commands.isAncestor(M, A, B))).toEqual([`--git-dir=${M} merge-base --is-ancestor --end-of-options ${A} ${B}`])
  expect(line(commands.mergeBase(M, A, B))).toEqual([`--git-dir=${M} merge-base --end-of-options ${A} ${B}`])
  expect(line(commands.countDifference(M, A, B))).toEqual([`--git-dir=${M} rev-list --left-right --count --end-of-options ${A}...${B}`])
  expect(line(commands.commitsOutside(M, A, [B]))).toEqual([`--git-dir=${M} rev-list --stdin`, `^${A}\n${B}\n`])
  expect(line(commands.firstParentLine(M, A, [B]))).toEqual([`--git-dir=${M} rev-list --first-parent --parents --stdin`, `${A}\n^${B}\n`])
  expect(line(commands.mergesOnLine(M, A, [B]))).toEqual([
    `--git-dir=${M} log -z --first-parent --merges --no-color --no-show-signature --format=%H%x00%P%x00%s --stdin`,
    `${A}\n^${B}\n`,
  ])
  expect(line(commands.mergeTrees(M, A, [B]))).toEqual([
    `--git-dir=${M} merge-tree --write-tree -z --no-messages --allow-unrelated-histories --stdin`,
    `${A} ${B}\n`,
  ])
  expect(line(commands.checkOut(M, '/w', A))).toEqual([
    `--git-dir=${M} --work-tree=/w read-tree --reset -u --no-recurse-submodules --end-of-options ${A}`,
  ])
  expect(line(commands.readObjects(M))).toEqual([`--git-dir=${M} cat-file --batch-command`])
  expect(line(commands.listHeldBranches(M))).toEqual([
    `--git-dir=${M} for-each-ref --format=%(refname) %(committerdate:unix) refs/slipway/held/heads%*`,
  ])
  expect(line(commands.dropRefs(M, ['refs/slipway/held/heads%a']))).toEqual([
    `--git-dir=${M} update-ref --stdin`,
    'delete refs/slipway/held/heads%a\n',
  ])
  expect(line(commands.collectGarbage(M))).toEqual([`--git-dir=${M} gc --quiet`])
})

test("the environment is made from nothing, with the worker's proxies and certificates", () => {
  const worker = {
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    GIT_DIR: '/x',
    GIT_CONFIG_PARAMETERS: "'a.b=c'",
    TOKEN: 'canary',
    LD_PRELOAD: '/x',
    HOME: '/root',
  }
  expect(gitEnvironment({ worker, home: '/s/git', config: '/s/git/gitconfig', protocols: ['http', 'https'] })).toEqual({
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    HOME: '/s/git',
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/s/git/gitconfig',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_CEILING_DIRECTORIES: '/s',
  })
})

test('configuration by variables', () => {
  expect(configVariables([])).toEqual({})
  expect(configVariables([['a.b', 'c']])).toEqual({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'c' })
})

test('the refs that the mirror keeps are flat', () => {
  expect(heldAt('refs/heads/feature/a/b')).toBe('refs/slipway/held/heads%feature%a%b')
  expect(heldAt('refs/tags/v1.0.0')).toBe('refs/slipway/held/tags%v1.0.0')
})
