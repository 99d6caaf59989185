import { expect, test } from 'vitest'
import { slipway } from './terminal.ts'

test.each([
  [['start', '1.0'], 'expected a version of three numbers such as 1.0.0, found "1.0"'],
  [['start', '../x'], 'expected a version of three numbers such as 1.0.0, found "../x"'],
  [['start', '1.0.0;rm'], 'expected a version of three numbers such as 1.0.0, found "1.0.0;rm"'],
  [['start', '01.0.0'], 'expected a version of three numbers such as 1.0.0, found "01.0.0"'],
  [['status', 'v1.0.0'], 'expected a version of three numbers such as 1.0.0, found "v1.0.0"'],
  [['cut', '1.0'], 'expected a version of three numbers'],
  [['tag', '1.0'], 'expected a version of three numbers'],
  [['abort', '1.0', '--reason', 'x'], 'expected a version of three numbers'],
  [['history', '1.0'], 'expected a version of three numbers'],
  [['start'], "missing required argument 'version'"],
  [['start', '1.0.0', '--feature', '$(touch x)'], 'found "$(touch x)"'],
  [['start', '1.0.0', '--feature', 'a;reboot'], 'found "a;reboot"'],
  [['start', '1.0.0', '--feature', '-rf'], 'found "-rf"'],
  [['feature', 'add', 'a\u200bb'], String.raw`found "a\u200bb"`],
  [['feature', 'add', 'a\nb'], String.raw`found "a\nb"`],
  [['feature', 'merged', "it's"], `found "it's"`],
  [['feature', 'merged', 'a', '--by', 'abc'], 'expected a full commit SHA of 40 hexadecimal digits, found "abc"'],
  [['feature', 'remove', 'a', '--sprint', '1'], 'expected a version of three numbers'],
  [['cut', '--without', '`x`'], 'found "`x`"'],
  [['tag', '--revision', 'HEAD'], `expected a commit's SHA of 40 digits, or at least its first 8, found "HEAD"`],
  [['signoff', 'alpha'], 'say whether it is good'],
  [['signoff', 'alpha', '--pass', '--fail'], "option '--pass' cannot be used with option '--fail'"],
  [
    ['signoff', '../alpha', '--pass'],
    `expected an environment's name of lower-case letters, digits and "-", such as alpha, found "../alpha"`,
  ],
  [['signoff', 'alpha', '--pass', '--epoch', '-1'], 'expected an epoch, a number such as 3, found "-1"'],
  [['signoff', 'alpha', '--pass', '--epoch', '01'], 'expected an epoch, a number such as 3, found "01"'],
  [['plan'], "missing required argument 'environment'"],
  [['plan', 'prod', '$(x)'], 'found "$(x)"'],
  [['plan', 'prod', 'v1.0.0', '--to', '3'], 'expected either what is to be deployed or --to, found both'],
  [['rollback', 'prod'], "required option '--reason <text>' not specified"],
  [['rollback', 'prod', '--to', 'v1 0', '--reason', 'x'], 'expected an epoch such as 3 or an image tag such as v1.0.0, found "v1 0"'],
  [['rollback', 'prod', '--to', '../x', '--reason', 'x'], 'found "../x"'],
  [['override', 'prod'], "required option '--reason <text>' not specified"],
  [['unveto', 'prod', '--reason', 'x'], "missing required argument 'epoch|tag'"],
  [['unveto', 'prod', '5'], "required option '--reason <text>' not specified"],
  [['unveto', 'prod', '$(x)', '--reason', 'x'], 'found "$(x)"'],
  [['hotfix', '1.0'], 'expected a version of three numbers'],
  [['finish', '1.0'], 'expected a version of three numbers'],
  [['finish', '--merged-as', 'abc'], 'expected a full commit SHA of 40 hexadecimal digits, found "abc"'],
  [['finish', '--target', 'develop'], '--target says where the commit of --merged-as is; without that there is none'],
  [['finish', '--merged-as', 'a'.repeat(40), '--target', 'a;b'], 'found "a;b"'],
  [['adopt', '0.9'], 'expected a version of three numbers'],
  [['adopt', '--running', 'prod'], 'expected what runs where, such as prod=v0.9.0, found "prod"'],
  [['adopt', '--running', 'prod=v1=v2'], 'found "prod=v1=v2"'],
  [['adopt', '--running', 'PROD=v1'], 'found "PROD=v1"'],
  [['adopt', '0.9.0', '--running', 'prod=v0.9.0'], '--running says what the environments run'],
  [['completion'], "missing required argument 'shell'"],
  [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
  [['approve'], "missing required argument 'environment'"],
  [['approve', 'prod', 'v1 0'], `expected a request's id such as v1.0.0, found "v1 0"`],
  [['approve', 'prod', '--hash', 'abc'], `expected a request's hash of 64 hexadecimal digits, or at least its first 8, found "abc"`],
  [['reject', 'prod'], "required option '--reason <text>' not specified"],
  [['reject', 'prod', '--reason', ' '], 'expected a reason in words, found an empty text'],
  [['abort'], "required option '--reason <text>' not specified"],
  [['abort', '--reason', 'x'.repeat(1001)], 'expected at most 1000 characters, found 1001'],
  [['logs', '-x;'], "unknown option '-x;'"],
  [['logs', 'a b'], 'expected an image tag, a branch, a revision or an environment, found "a b"'],
  [['status', '--json', '--watch'], '--json prints one moment, --watch follows; use one of them'],
  [['status', '--timeout', '5'], '--timeout belongs to --watch or --until'],
  [
    ['status', '--until', 'done'],
    'expected one of integrating, stabilising, releasing, live, hotfixing, rolledBack, mergingBack, finished, aborted, cut, signOff, bugfix, tag, approval, parked, finish, reserved, lacks, locked, pinned, freeze, hotfix, mergeBack, found "done"',
  ],
  [['status', '--watch', '--timeout', '-1'], 'expected a number of seconds such as 60, found "-1"'],
  [['dev', '--port', '70000'], 'expected a port from 1 to 65535, found "70000"'],
  [['worker', '--estate', 'nothing.yaml'], 'there is no /nowhere/nothing.yaml'],
  [['dev'], 'there is no /nowhere/estate.yaml'],
  [['hint', 'UPPER'], `PROJECT: expected a project's name of lower-case letters, digits and "-", found "UPPER"`],
  [['--project', 'a b', 'status'], `--project: expected a project's name of lower-case letters, digits and "-", found "a b"`],
  [['--as', '\u200b', 'retry'], '--as and SLIPWAY_USER need a name'],
  [['stauts'], 'there is no command stauts; did you mean status?'],
  [['x\u001b[2Jyz'], 'there is no command xyz'],
  [['status', '--colour'], "unknown option '--colour'"],
  [['status', '1.0.0', '2.0.0'], 'too many arguments'],
  [['feature'], 'Usage: slipway feature'],
])('%j ends with exit 2 and says what was expected', async (argv, wanted) => {
  const { code, out, err } = await slipway(argv)
  expect(err).toContain(wanted)
  expect(err).not.toMatch(/^\s+at /m)
  expect(out).toBe('')
  expect(code).toBe(2)
})

test('a folder without slipway.yaml, and a slipway.yaml that names none, are told apart', async () => {
  const { run } = await import('../../client/run.ts')
  const err: string[] = []
  const io = {
    out: { write: () => true },
    err: { write: (text: string) => err.push(text) },
    env: {},
    cwd: '/',
    now: () => 0,
    onInterrupt: () => () => undefined,
  }
  expect(await run(['status'], io)).toBe(2)
  expect(await run(['status', '--config', 'package.json'], { ...io, cwd: process.cwd() })).toBe(2)
  expect(err.join('')).toContain('no slipway.yaml in / or in a folder above it')
  expect(err.join('')).toContain(`${process.cwd()}/package.json names no project`)
})

test('help and version are no mistakes', async () => {
  expect(await slipway(['--help'])).toMatchObject({ code: 0, err: '' })
  expect(await slipway(['approve', '--help'])).toMatchObject({ code: 0, err: '' })
  expect(await slipway(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})
