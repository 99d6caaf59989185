import fc from 'fast-check'
import type { Machine } from './machine.ts'
import { breakGlass, confirm, cut, finish, hold, override, resolve, retry, rollback, signOff, unveto, vote } from './voices.ts'

export type Action = { readonly name: string; readonly run: (machine: Machine) => void }

export const VERSIONS = ['1.0.0', '1.1.0', '1.2.0'] as const
const BRANCHES = ['develop', 'master', ...VERSIONS.map((version) => `release-${version}`)].map((branch) => `refs/heads/${branch}`)
const SUFFIXES = ['', '-hotfix1', '-hotfix2'] as const

const version = fc.constantFrom(...VERSIONS, '1.0.0')
const environment = fc.constantFrom('integration', 'alpha', 'prod')
const branch = fc.constantFrom(...BRANCHES)
const mostly = fc.integer({ min: 0, max: 9 }).map((number) => number > 0)
const rarely = mostly.map((yes) => !yes)
const tag = fc.tuple(version, fc.constantFrom(...SUFFIXES)).map(([of, suffix]) => `refs/tags/v${of}${suffix}`)

/** Everything that can happen, as functions on the machine, each with a name for the report of a failure. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  // What is under way goes on.
  weigh(3, fc.tuple(), () => step('round', (machine) => machine.round())),
  weigh(4, fc.tuple(), () => step('look', ({ repository }) => repository.look())),
  weigh(14, fc.tuple(fc.nat(20), rarely), (index, twice) =>
    step(`deliver ${index}${twice ? ' twice' : ''}`, ({ post }) => post.deliver(index, twice)),
  ),
  weigh(5, fc.tuple(mostly), (ok) =>
    step(`build ${ok}`, ({ repository }) => [...repository.builds].slice(0, 1).forEach((revision) => repository.endBuild(revision, ok))),
  ),
  weigh(5, fc.tuple(mostly), (ok) =>
    step(`name ${ok}`, ({ repository }) => [...repository.naming.keys()].slice(0, 1).forEach((key) => repository.endNaming(key, ok))),
  ),
  weigh(8, fc.tuple(environment, mostly), (name, ok) =>
    step(`render ${name} ${ok}`, ({ environments }) => environments.endRendering(name, ok)),
  ),
  weigh(
    8,
    fc.tuple(
      environment,
      fc.constantFrom(
        'verified',
        'verified',
        'verified',
        'verified',
        'intact',
        'restored',
        'broken',
        'unhealthy',
        'brokenUnhealthy' as const,
      ),
      rarely,
    ),
    (name, end, twice) =>
      step(`deployment ${name} ${end}${twice ? ' twice' : ''}`, ({ environments }) => environments.endDeployment(name, end, twice)),
  ),
  weigh(1, fc.tuple(environment), (name) => step(`deployment ${name} stalls`, ({ environments }) => environments.stall(name))),
  weigh(4, fc.tuple(fc.constantFrom('clean', 'clean', 'conflict', 'protected', 'moved' as const)), (end) =>
    step(`merge ${end}`, ({ mergeBacks }) => [...mergeBacks.runs.keys()].forEach((each) => mergeBacks.endMerge(each, end))),
  ),
  weigh(1, fc.tuple(version), (of) => step(`watch ${of}`, ({ sprints }) => sprints.watch(of))),
  weigh(1, fc.tuple(version, environment), (of, name) =>
    step(
      `continue as new ${of} ${name}`,
      (machine) => (machine.sprints.renew(of), machine.environments.renew(name), machine.repository.renew()),
    ),
  ),
  weigh(2, fc.tuple(environment, rarely), (name, mended) =>
    step(`${name} is looked at ${mended ? 'and is as applied' : 'and has drifted'}`, ({ environments }) =>
      environments.inspect(name, !mended),
    ),
  ),
  // Developers.
  weigh(5, fc.tuple(branch), (ref) => step(`push ${ref}`, ({ remote }) => remote.refs.has(ref) && remote.push(ref))),
  weigh(1, fc.tuple(branch, fc.constantFrom('amended', 'reset' as const)), (ref, how) =>
    step(`rewrite ${ref} ${how}`, ({ remote }) => remote.rewrite(ref, how)),
  ),
  weigh(1, fc.tuple(branch), (ref) => step(`delete ${ref}`, (machine) => remove(machine, ref))),
  weigh(1, fc.tuple(tag), (ref) => step(`delete ${ref}`, (machine) => remove(machine, ref))),
  weigh(2, fc.tuple(tag), (ref) =>
    step(`tag by hand ${ref}`, ({ remote }) => {
      const at = remote.refs.get(ref.replace(/^refs\/tags\/v([0-9.]+).*$/, 'refs/heads/release-$1'))
      if (at !== undefined) remote.refs.set(ref, at)
    }),
  ),
  weigh(1, fc.tuple(version), (of) =>
    step(`cut by hand ${of}`, ({ remote }) => {
      const at = remote.refs.get('refs/heads/develop')
      if (at !== undefined && !remote.refs.has(`refs/heads/release-${of}`)) remote.refs.set(`refs/heads/release-${of}`, at)
    }),
  ),
  weigh(2, fc.tuple(branch, tag, fc.boolean()), (ref, from, squash) =>
    step(`merge ${from} into ${ref} by hand${squash ? ', squashed' : ''}`, ({ remote }) => {
      const revision = remote.refs.get(from)
      if (revision !== undefined && remote.refs.has(ref)) remote.merge(ref, revision, squash)
    }),
  ),
  // People.
  weigh(3, fc.tuple(version), (of) => step(`start ${of}`, ({ repository }) => repository.start(of))),
  weigh(1, fc.tuple(version, fc.constantFrom('hotfix', 'hotfix', 'adopt' as const)), (of, as) =>
    step(`open ${of} ${as}`, ({ repository }) => repository.open(of, as)),
  ),
  weigh(3, fc.tuple(version), (of) => step(`cut ${of}`, (machine) => cut(machine, of))),
  weigh(4, fc.tuple(version), (of) => step(`tag ${of}`, ({ sprints }) => sprints.command(of, { kind: 'tag', revision: null }))),
  weigh(2, fc.tuple(version), (of) => step(`hotfix ${of}`, ({ sprints }) => sprints.command(of, { kind: 'hotfix' }))),
  weigh(3, fc.tuple(version), (of) => step(`finish ${of}`, (machine) => finish(machine, of))),
  weigh(1, fc.tuple(version, branch), (of, ref) =>
    step(`finish ${of} merged as ${ref}`, ({ sprints, remote }) =>
      sprints.command(of, { kind: 'finish', mergedAs: remote.refs.get(ref) ?? '', target: ref.replace('refs/heads/', '') }),
    ),
  ),
  weigh(1, fc.tuple(version, rarely), (of, really) =>
    step(`abort ${of} ${really}`, ({ sprints }) => really && sprints.command(of, { kind: 'abort', reason: 'x' })),
  ),
  weigh(6, fc.tuple(fc.constantFrom('alpha', 'prod'), rarely), (name, fails) =>
    step(`sign off ${name} ${!fails}`, (machine) => signOff(machine, name, fails ? 'fail' : 'pass')),
  ),
  weigh(5, fc.tuple(mostly, mostly), (approves, right) =>
    step(`vote ${approves} ${right}`, (machine) => vote(machine, 'prod', approves, right)),
  ),
  weigh(2, fc.tuple(mostly, mostly), (says, right) =>
    step(`override ${says} ${right}`, (machine) => override(machine, 'prod', says ? 'it is urgent' : null, right)),
  ),
  weigh(2, fc.tuple(environment), (name) => step(`retry ${name}`, (machine) => retry(machine, name))),
  weigh(8, fc.tuple(fc.constantFrom('prod', 'prod', 'alpha', 'integration'), fc.nat(3), mostly, rarely), (name, by, person, force) =>
    step(`rollback ${name} ${by} ${person}${force ? ' by force' : ''}`, (machine) => rollback(machine, name, by, person, force)),
  ),
  weigh(2, fc.tuple(environment, fc.constantFrom('lock', 'pin' as const), fc.boolean()), (name, kind, on) =>
    step(`${on ? '' : 'un'}${kind} ${name}`, (machine) => hold(machine, name, kind, on)),
  ),
  weigh(2, fc.tuple(environment, rarely), (name, off) =>
    step(`${name} is ${off ? 'not frozen any more' : 'frozen'}`, ({ environments }) => environments.freeze(name, !off)),
  ),
  weigh(2, fc.tuple(environment, mostly), (name, right) =>
    step(`break the glass of ${name} ${right}`, (machine) => breakGlass(machine, name, right)),
  ),
  weigh(1, fc.tuple(environment, fc.boolean()), (name, other) =>
    step(`confirm ${name} ${other ? 'by another' : 'by the same'}`, (machine) => confirm(machine, name, other)),
  ),
  weigh(2, fc.tuple(environment, fc.constantFrom('before', 'after', 'verifying' as const)), (name, at) =>
    step(`deployment ${name} halts at ${at}`, ({ environments }) => environments.halt(name, at)),
  ),
  weigh(3, fc.tuple(environment, fc.constantFrom('retry', 'skip', 'abort', 'rollback' as const)), (name, choice) =>
    step(`resolve ${name} ${choice}`, (machine) => resolve(machine, name, choice)),
  ),
  weigh(4, fc.tuple(fc.constantFrom(null, 'drop-a', 'drop-b')), (name) =>
    step(`cannot be taken back: ${name}`, ({ environments }) => (environments.irreversible = name)),
  ),
  weigh(1, fc.tuple(environment, fc.nat(3)), (name, index) => step(`unveto ${name} ${index}`, (machine) => unveto(machine, name, index))),
  weigh(1, fc.tuple(environment, fc.constantFrom(0, 3)), (name, epoch) =>
    step(`adopt ${name} ${epoch}`, ({ environments }) => environments.adopt(name, epoch)),
  ),
  weigh(1, fc.tuple(), () => step('retry builds', ({ repository }) => repository.retryBuilds())),
  weigh(1, fc.tuple(fc.nat(3)), (content) =>
    step(`render differently ${content}`, ({ environments }) => (environments.content = `content ${content}`)),
  ),
  weigh(1, fc.tuple(rarely), (really) =>
    step(
      `merge-backs end without a word ${really}`,
      ({ mergeBacks }) => really && [...mergeBacks.runs.keys()].forEach((each) => mergeBacks.kill(each)),
    ),
  ),
)

function weigh<Args extends readonly unknown[]>(weight: number, arbitrary: fc.Arbitrary<Args>, make: (...args: Args) => Action) {
  return { weight, arbitrary: arbitrary.map((args) => make(...args)) }
}

function remove({ repository, remote }: Machine, ref: string): void {
  repository.lookIfUnseen(ref)
  remote.refs.delete(ref)
}

export function step(name: string, run: (machine: Machine) => unknown): Action {
  const shown = { toString: () => name, [fc.toStringMethod]: () => name }
  return { name, run: (machine) => void run(machine), ...shown }
}
