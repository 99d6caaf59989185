import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { script, type Shell } from '../../client/completion/scripts.ts'
import { CliError, EXIT } from '../../client/exit.ts'
import {
  A,
  B,
  BEGIN,
  candidateOf,
  D,
  deployedOf,
  environmentOf,
  preparationOf,
  releasing,
  repositoryOf,
  requestOf,
  sprintOf,
} from './sample.ts'
import { opens, slipway } from './terminal.ts'

const branch = (name: string) => ({ ref: `refs/heads/${name}`, revision: A, since: BEGIN, wanted: true, named: true, problem: null })

/** Sprints, environments and requests of every kind, and names that a shell would act on. */
const house = opens({
  repository: async () =>
    repositoryOf({
      sprints: [
        { version: '1.0.0', phase: 'mergingBack', features: [] },
        { version: '1.1.0', phase: 'integrating', features: ['feature/cart', '$(touch x)', 'a;b', '-rf', 'x y', 'ä'] },
      ],
      refs: [branch('release-0.9.0')],
    }),
  environment: async (name) => {
    const { state } = releasing().environments[2]!.view!
    const held = { preparation: preparationOf(candidateOf(B), 'v0.9.1'), lacks: { tag: 'v1.0.0', commits: 1 } }
    if (name !== 'prod') return environmentOf(name)
    return environmentOf(name, {
      ...state,
      past: [
        deployedOf(candidateOf(D), 'v0.8.0', 2, BEGIN, {
          snapshot: { ...preparationOf(candidateOf(D), 'v0.8.0').snapshot, hash: 'd'.repeat(64) },
        }),
      ],
      waiting: [
        ...state.waiting,
        { request: requestOf(candidateOf(B), 'v0.9.1~2', BEGIN), since: BEGIN, stage: { kind: 'held', ...held } },
      ],
      vetoes: [{ madeOf: 'x', tag: 'v0.7.0', epoch: 1, reason: 'x', at: BEGIN }],
    })
  },
  sprint: async () => {
    const person = { kind: 'person', why: 'conflict', reason: 'x', steps: [], branch: null, mergeRequest: null } as const
    const target = { younger: false, since: BEGIN, mergedAs: null }
    const targets = [
      { ...target, branch: 'develop', status: person },
      { ...target, branch: 'master', status: { kind: 'open' } as const },
    ]
    const by = { kind: 'person', name: 'anne', verified: false } as const
    return sprintOf({ mergeBack: { tag: 'v1.0.0', revision: A, by, sequence: 1, targets, stopped: null, ended: false } })
  },
})

test.each([
  [['fea'], ['feature']],
  [
    ['feature', ''],
    ['add', 'remove', 'merged', 'help'],
  ],
  [['feature', 'merged', ''], ['feature/cart']],
  [
    ['feature', 'merged', 'feature/cart', '--sprint', ''],
    ['1.0.0', '1.1.0'],
  ],
  [
    ['--as', 'status', 'sta'],
    ['status', 'start'],
  ],
  [['status', '--un'], ['--until']],
  [['status', '--until', 'li'], ['live']],
  [
    ['status', '--until=hot'],
    ['--until=hotfixing', '--until=hotfix'],
  ],
  [
    ['status', '--until', '=', 'hot'],
    ['hotfixing', 'hotfix'],
  ],
  [
    ['status', ''],
    ['1.0.0', '1.1.0'],
  ],
  [['status', '--json', '1.1'], ['1.1.0']],
  [['status', '1.0.0', ''], []],
  [['start', ''], []],
  [
    ['hotfix', ''],
    ['1.0.0', '1.1.0', '0.9.0'],
  ],
  [['adopt', ''], ['0.9.0']],
  [
    ['adopt', '--running', ''],
    ['integration=', 'alpha=', 'prod='],
  ],
  [['env', 'pr'], ['prod']],
  [['doctor', 'alpha', 'p'], ['prod']],
  [['approve', 'prod', ''], ['v1.0.0']],
  [
    ['reject', 'prod', ''],
    ['v1.0.0', 'v0.9.1~2'],
  ],
  [['override', 'prod', '--reason', 'it is urgent', ''], ['v0.9.1~2']],
  [['override', 'nope', ''], []],
  [
    ['plan', 'prod', ''],
    ['v1.0.0', 'v0.9.1~2', 'v0.9.0', 'v0.8.0'],
  ],
  [
    ['rollback', 'prod', '--to', ''],
    ['2', 'v0.8.0'],
  ],
  [
    ['unveto', 'prod', ''],
    ['1', 'v0.7.0'],
  ],
  [['finish', '--merged-as', A, '--target', ''], ['develop']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['comp'], ['completion']],
  [['worker', '--estate', 'lab/README'], ['lab/README.md']],
  [['worker', '--estate', 'la'], ['lab/']],
  [['nonsense', ''], []],
  [['approve', 'prod', '--', '--re'], []],
] as const)('%j can go on with %j', async (words, wanted) => {
  const { code, out, err } = await slipway(['complete', '--', ...words], { open: house, io: { cwd: process.cwd() } })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.split('\n').filter((line) => line !== '')).toEqual(wanted)
})

test('options are those of the command and of those above it', async () => {
  const { out } = await slipway(['complete', '--', 'rollback', 'prod', '--'], { open: house })
  expect(out.split('\n').filter((line) => line !== '')).toEqual([
    '--to',
    '--force',
    '--reason',
    '--plan',
    '--no-plan',
    '--help',
    '--config',
    '--project',
    '--as',
    '--key',
    '--verbose',
    '--version',
  ])
})

test('the project that the words name is asked', async () => {
  const asked: string[] = []
  const open: typeof house = async (project, ...rest) => {
    asked.push(project)
    return house(project, ...rest)
  }
  await slipway(['complete', '--', '--project', 'other', 'status', ''], { open })
  await slipway(['complete', '--', '--project=third', 'status', ''], { open })
  await slipway(['complete', '--', 'status', ''], { open })
  expect(asked).toEqual(['other', 'third', 'website'])
})

test.each([
  ['away', () => Promise.reject(new CliError(EXIT.unreachable, 'cannot reach Temporal'))],
  ['silent', () => new Promise<never>(() => undefined)],
])('a Temporal that is %s: nothing at all, and soon', async (_what, open) => {
  const began = Date.now()
  expect(await slipway(['complete', '--', 'status', ''], { open })).toEqual({ code: 0, out: '', err: '' })
  expect(Date.now() - began).toBeLessThan(1000)
})

test('what is in no project completes commands, and nothing that only a project knows', async () => {
  const { run } = await import('../../client/run.ts')
  let said = ''
  const out = { write: (text: string) => (said += text) }
  const io = { out, err: out, env: {}, cwd: '/', now: () => 0, onInterrupt: () => () => undefined }
  expect(await run(['complete', '--', 'stat'], io)).toBe(0)
  expect(await run(['complete', '--', 'status', ''], io)).toBe(0)
  expect(said).toBe('status\n')
})

describe('in the shells', () => {
  let folder: string
  let env: Record<string, string>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-shells-'))
    mkdirSync(join(folder, 'bin'))
    const text = `#!/bin/sh\nexec ${process.execPath} ${resolve('bin/slipway.js')} "$@"\n`
    writeFileSync(join(folder, 'bin', 'slipway'), text, { mode: 0o755 })
    env = {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TEMPORAL_ADDRESS: `127.0.0.1:${await closedPort()}`,
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const shell = (name: Shell, ...argv: string[]) => spawnSync(name, argv, { encoding: 'utf8', env, cwd: folder })
  const isThere = (name: Shell) => spawnSync(name, ['--version']).status === 0

  test.each(['bash', 'zsh', 'fish'] as const)('%s reads its script without a complaint', (name) => {
    if (!isThere(name)) return
    const file = join(folder, `slipway.${name}`)
    writeFileSync(file, script(name))
    expect(shell(name, '-n', file)).toMatchObject({ status: 0, stderr: '' })
  })

  test('bash completes words, options and values, also after "="', () => {
    const complete = (...words: string[]) => {
      const list = ['slipway', ...words].map((word) => `'${word}'`).join(' ')
      const text = `eval "$(slipway completion bash)"; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _slipway; printf '%s\\n' "\${COMPREPLY[@]}"`
      return shell('bash', '--norc', '-c', text)
        .stdout.split('\n')
        .filter((line) => line !== '')
    }
    expect(complete('roll')).toEqual(['rollback'])
    expect(complete('rollback', 'prod', '--t')).toEqual(['--to'])
    expect(complete('status', '--until', '=', 'rolled')).toEqual(['rolledBack'])
    // Words that a person types are words, never commands; and what is away is nothing.
    expect(complete('feature', 'merged', '$(touch hacked)', '--sp')).toEqual(['--sprint'])
    expect(complete('status', '')).toEqual([])
  })

  test('bash has it for slipway, and adds no space where a word goes on', () => {
    const text = `eval "$(slipway completion bash)"; complete -p slipway`
    expect(shell('bash', '--norc', '-c', text).stdout).toBe('complete -F _slipway slipway\n')
  })

  test('zsh completes, where it is on this machine', () => {
    if (!isThere('zsh')) return
    const text = `compdef() { :; }; compadd() { print -rl -- "$@"; }; eval "$(slipway completion zsh)"; words=(slipway status --until=hot); CURRENT=3; _slipway; words=(slipway ''); CURRENT=2; _slipway`
    const { stdout, stderr } = shell('zsh', '-f', '-c', text)
    expect(stderr).toBe('')
    expect(stdout).toContain('--until=hotfixing\n--until=hotfix\n')
    expect(stdout).toContain('rollback\n')
    expect(stdout).not.toContain('complete\n')
  })

  test('fish completes, where it is on this machine', () => {
    if (!isThere('fish')) return
    const complete = (line: string) =>
      shell('fish', '--no-config', '-c', `slipway completion fish | source; complete -C '${line}'`)
        .stdout.split('\n')
        .filter((each) => each !== '')
    expect(complete('slipway roll')).toEqual(['rollback'])
    expect(complete('slipway status --until=hot')).toEqual(['--until=hotfix', '--until=hotfixing'])
    expect(complete('slipway rollback prod --t')).toEqual(['--to'])
    expect(complete('slipway status ')).toEqual([])
    expect(complete('slipway ')).toContain('adopt')
  })

  test('with Temporal away it takes less than a second in all', () => {
    const times = Array.from({ length: 3 }, () => {
      const began = Date.now()
      expect(shell('bash', '-c', 'slipway --project website complete -- status ""')).toMatchObject({ status: 0, stdout: '', stderr: '' })
      return Date.now() - began
    })
    expect(Math.min(...times)).toBeLessThan(1000)
  })
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}
