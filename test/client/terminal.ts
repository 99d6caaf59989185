import { run, type Open } from '../../client/run.ts'
import type { Io, Output } from '../../client/io.ts'
import type { Slipway } from '../../client/typed/slipway.ts'
import { environmentOf, repositoryOf, sprintOf } from './sample.ts'

export type Ended = { readonly code: number; readonly out: string; readonly err: string }

/** Runs a command line as a person would, and gives what they saw. */
export async function slipway(argv: readonly string[], options: { open?: Open; io?: Partial<Io> } = {}): Promise<Ended> {
  const out: string[] = []
  const err: string[] = []
  const io: Io = {
    out: into(out),
    err: into(err),
    env: {},
    cwd: '/nowhere',
    now: () => Date.now(),
    onInterrupt: () => () => undefined,
    ...options.io,
  }
  const code = await run(['--project', 'website', ...argv], io, options.open ?? nobody)
  return { code, out: out.join(''), err: err.join('') }
}

/** A project at Temporal that a test made up; what is not given must not be asked. */
export function opens(parts: Partial<Slipway>): Open {
  const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was asked`))
  const names = [
    'startSprint',
    'openSprint',
    'retryBuilds',
    'hint',
    'command',
    'approve',
    'reject',
    'signOff',
    'retry',
    'rollback',
    'override',
    'hold',
    'release',
    'resolve',
    'veto',
    'unveto',
    'confirm',
    'adopt',
    'inspect',
    'mergeBack',
    'build',
    'buildActivities',
    'deploymentActivities',
    'doctor',
    'plan',
    'readLog',
    'clean',
  ] as const
  const none = Object.fromEntries(names.map((name) => [name, unexpected(name)])) as unknown as Omit<
    Slipway,
    'project' | 'address' | 'close'
  >
  const made: Slipway = {
    ...none,
    project: 'website',
    address: '127.0.0.1:7233',
    repository: async () => repositoryOf(),
    sprint: async () => sprintOf(),
    sprintEnd: async () => null,
    environment: async (name) => (['integration', 'alpha', 'prod'].includes(name) ? environmentOf(name) : null),
    review: async () => ({ ok: true, problem: null, commits: [], total: 0, commitsProblem: null }),
    close: async () => undefined,
    ...parts,
  }
  return async () => made
}

const nobody: Open = () => Promise.reject(new Error('Temporal was asked'))

function into(list: string[]): Output {
  return { write: (text) => list.push(text) }
}
