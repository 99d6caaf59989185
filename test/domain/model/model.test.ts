import fc from 'fast-check'
import { expect, test } from 'vitest'
import { environmentWaits } from '../../../domain/environment/waits.ts'
import { nextCommands } from '../../../domain/sprint/next.ts'
import { settle } from '../../../domain/sprint/settle.ts'
import { sprintWaits } from '../../../domain/sprint/waits.ts'
import { Machine } from './machine.ts'

const VERSIONS = ['1.0.0', '1.1.0'] as const
const ENVIRONMENTS = ['integration', 'alpha', 'prod'] as const
const version = fc.constantFrom(...VERSIONS)
const environment = fc.constantFrom(...ENVIRONMENTS)
const mostly = fc.integer({ min: 0, max: 9 }).map((number) => number > 0)
const rarely = mostly.map((yes) => !yes)

/** Everything that can happen, as functions on the machine, each with a name for the report of a failure. */
const action: fc.Arbitrary<{ name: string; run: (machine: Machine) => void }> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('refs/heads/develop', ...VERSIONS.map((each) => `refs/heads/release-${each}`)), rarely)
      .map(([ref, rewrite]) =>
        step(`push ${ref} ${rewrite}`, (machine) => (ref === 'refs/heads/develop' || machine.refs.has(ref)) && machine.push(ref, rewrite)),
      ),
  },
  { weight: 4, arbitrary: fc.constant(step('look', (machine) => machine.look())) },
  {
    weight: 14,
    arbitrary: fc
      .tuple(fc.nat(20), rarely)
      .map(([index, doubled]) => step(`deliver ${index} ${doubled}`, (machine) => machine.deliver(index, doubled))),
  },
  {
    weight: 5,
    arbitrary: mostly.map((ok) =>
      step(`build ${ok}`, (machine) => [...machine.builds].slice(0, 1).forEach((revision) => machine.endBuild(revision, ok))),
    ),
  },
  {
    weight: 5,
    arbitrary: mostly.map((ok) =>
      step(`name ${ok}`, (machine) => [...machine.naming.keys()].slice(0, 1).forEach((key) => machine.endNaming(key, ok))),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(environment, mostly).map(([name, ok]) => step(`render ${name} ${ok}`, (machine) => machine.endRendering(name, ok))),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(environment, fc.constantFrom('verified', 'verified', 'verified', 'intact', 'restored', 'broken' as const), rarely)
      .map(([name, end, doubled]) => step(`deploy ${name} ${end}`, (machine) => machine.endDeployment(name, end, doubled))),
  },
  { weight: 3, arbitrary: fc.constant(step('round', (machine) => machine.round())) },
  { weight: 3, arbitrary: version.map((each) => step(`start ${each}`, (machine) => machine.start(each))) },
  { weight: 3, arbitrary: version.map((each) => step(`cut ${each}`, (machine) => cut(machine, each))) },
  { weight: 4, arbitrary: version.map((each) => step(`tag ${each}`, (machine) => machine.command(each, { kind: 'tag', revision: null }))) },
  {
    weight: 1,
    arbitrary: fc.tuple(version, fc.constantFrom('', '-hotfix1', '-hotfix2')).map(([each, suffix]) =>
      step(`tag by hand v${each}${suffix}`, (machine) => {
        const at = machine.refs.get(`refs/heads/release-${each}`)
        if (at !== undefined) machine.refs.set(`refs/tags/v${each}${suffix}`, at)
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(version, fc.constantFrom('refs/tags/v', 'refs/heads/release-'))
      .map(([each, prefix]) => step(`delete ${prefix}${each}`, (machine) => machine.refs.delete(`${prefix}${each}`))),
  },
  {
    weight: 5,
    arbitrary: rarely.map((fails) => step(`sign off ${fails}`, (machine) => machine.signOff('alpha', fails ? 'fail' : 'pass'))),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(mostly, mostly)
      .map(([approve, right]) => step(`vote ${approve} ${right}`, (machine) => machine.vote('prod', approve, right))),
  },
  { weight: 2, arbitrary: environment.map((name) => step(`retry ${name}`, (machine) => machine.retry(name))) },
  { weight: 1, arbitrary: fc.constant(step('retry builds', (machine) => machine.retryBuilds())) },
  {
    weight: 1,
    arbitrary: fc.nat(3).map((content) => step(`render differently ${content}`, (machine) => (machine.content = `content ${content}`))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(version, rarely)
      .map(([each, really]) =>
        step(`abort ${each} ${really}`, (machine) => really && machine.command(each, { kind: 'abort', reason: 'x' })),
      ),
  },
)

function step(name: string, run: (machine: Machine) => unknown) {
  return { name, run: (machine: Machine) => void run(machine), toString: () => name, [fc.toStringMethod]: () => name }
}

function cut(machine: Machine, version: string): void {
  const missing = machine.sprints.get(version)?.features.filter((feature) => feature.merged === null) ?? []
  machine.command(version, { kind: 'cut', without: missing.map((feature) => feature.branch) })
}

function assertSound(machine: Machine, epochs: Map<string, number>): void {
  for (const [name, state] of machine.environments) {
    const before = epochs.get(name) ?? 0
    if (state.epoch !== before && state.epoch !== before + 1) throw new Error(`the epoch of ${name} went from ${before} to ${state.epoch}`)
    epochs.set(name, state.epoch)
    if ((state.running !== null || state.waiting.length > 0 || state.parked !== null) && environmentWaits(state).length === 0)
      throw new Error(`${name} waits without a reason`)
    for (const wait of environmentWaits(state)) if (wait.detail === '') throw new Error(`a wait in ${name} says nothing`)
    assertSmall(name, state)
    assertSmall(`${name} past`, state.past)
  }
  for (const [name, state] of machine.sprints) {
    if (settle(state, machine.now).phase !== state.phase) throw new Error(`${name} has not come to rest`)
    if (state.phase !== 'aborted' && sprintWaits(state).length === 0)
      throw new Error(`${name} waits without a reason: ${JSON.stringify(state, null, 1)}`)
    if (nextCommands(state).length === 0) throw new Error(`nothing can be done about ${name}`)
    assertSmall(name, state)
  }
  assertSmall('repository', machine.repository)
}

function assertSmall(what: string, state: unknown): void {
  const bytes = JSON.stringify(state).length
  if (bytes >= 64 * 1024) throw new Error(`${what} has ${bytes} bytes`)
}

/** How a sprint gets to production when nothing comes in between: random steps begin somewhere on this way. */
const WAY: readonly ((machine: Machine) => void)[] = [
  (machine) => machine.start('1.0.0'),
  (machine) => cut(machine, '1.0.0'),
  (machine) => machine.signOff('alpha', 'pass'),
  (machine) => machine.command('1.0.0', { kind: 'tag', revision: null }),
  (machine) => machine.vote('prod', true, true),
]

function play(begin: number, actions: readonly { run: (machine: Machine) => void }[]): Machine {
  const machine = new Machine()
  const epochs = new Map<string, number>()
  machine.push('refs/heads/develop', false)
  machine.settleDown()
  for (const go of WAY.slice(0, begin)) {
    go(machine)
    machine.settleDown()
  }
  for (const [name, { epoch }] of machine.environments) epochs.set(name, epoch)
  for (const { run } of actions) {
    run(machine)
    assertSound(machine, epochs)
  }
  return machine
}

test('whatever happens in whatever order, the rules hold', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(fc.nat(WAY.length), fc.array(action, { maxLength: 150, size: 'max' }), (begin, actions) => {
      const machine = play(begin, actions)
      machine.settleDown()
      assertSound(machine, new Map([...machine.environments].map(([name, state]) => [name, state.epoch])))

      for (const [version, { phase }] of machine.sprints) {
        if (phase !== 'aborted') continue
        for (const { waiting } of machine.environments.values())
          expect(waiting.filter(({ request: { by } }) => by.name === `sprint ${version}`)).toEqual([])
      }

      const integration = machine.environments.get('integration')!
      const develop = machine.repository.refs.find((ref) => ref.ref === 'refs/heads/develop')
      const build = machine.repository.builds.find((each) => each.revision === develop?.revision)
      if (build?.status === 'built' && develop?.named && integration.parked === null)
        expect(integration.current?.snapshot.candidate.revision).toBe(machine.refs.get('refs/heads/develop'))
    }),
    { numRuns: 400 },
  )
})

test('a sprint gets through when people do what it says is possible', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(fc.nat(WAY.length), fc.array(action, { maxLength: 60, size: 'max' }), (begin, actions) => {
      const machine = play(begin, actions)
      machine.settleDown()
      for (let rounds = 0; rounds < 12; rounds++) for (const each of VERSIONS) bringOn(machine, each)
      for (const [name, { phase }] of machine.sprints)
        expect(['live', 'aborted'], `${name}\n${JSON.stringify(machine.sprints.get(name), null, 1)}`).toContain(phase)
    }),
    { numRuns: 200 },
  )
})

/** What a person does who reads what is waited for and follows it. */
function bringOn(machine: Machine, version: string): void {
  const state = machine.sprints.get(version)
  if (state === undefined || state.phase === 'live' || state.phase === 'aborted') return
  const waits = sprintWaits(state).map((wait) => wait.detail)
  const branch = `refs/heads/release-${version}`
  if (state.phase === 'integrating') cut(machine, version)
  if (waits.some((wait) => wait.includes('is gone from the remote; ')))
    machine.refs.set(branch, state.asked['alpha']?.revision ?? machine.refs.get('refs/heads/develop')!)
  const alarm = waits
    .map((wait) => /put it back: git push --force <remote> ([0-9a-f]{40}):(refs\/tags\/\S+)/.exec(wait))
    .find((match) => match !== null)
  if (alarm !== undefined && alarm !== null) machine.refs.set(alarm[2]!, alarm[1]!)
  const wrong = waits.map((wait) => /git push <remote> --delete (\S+) takes/.exec(wait)?.[1]).find((tag) => tag !== undefined)
  if (wrong !== undefined) machine.refs.delete(`refs/tags/${wrong}`)
  if (waits.some((wait) => wait.includes('slipway retry alpha'))) machine.retry('alpha')
  if (waits.some((wait) => wait.includes('not good on alpha') || wait.includes('could not be built'))) machine.push(branch, false)
  machine.settleDown()
  // Alpha is shared: whoever is to be signed off must run there.
  if (machine.environments.get('alpha')?.current?.version !== version && state.phase === 'stabilising' && machine.refs.has(branch))
    machine.push(branch, false)
  machine.settleDown()
  if (machine.environments.get('alpha')?.current?.version === version) machine.signOff('alpha', 'pass')
  machine.settleDown()
  machine.command(version, { kind: 'tag', revision: null })
  machine.settleDown()
  if (machine.sprints.get(version)?.phase === 'stabilising') machine.retry('prod')
  machine.settleDown()
  machine.vote('prod', true, true)
  machine.settleDown()
}
