import fc from 'fast-check'
import { action, VERSIONS, type Action } from './actions.ts'
import { checkRest, checkStep } from './check.ts'
import { Machine } from './machine.ts'
import { bringAllOn } from './people.ts'
import { cut, finish, signOff, vote } from './voices.ts'

/** How a sprint gets to its end when nothing comes in between: random steps begin somewhere on this way. */
const WAY: readonly ((machine: Machine) => unknown)[] = [
  (machine) => machine.repository.start('1.0.0'),
  (machine) => cut(machine, '1.0.0'),
  (machine) => signOff(machine, 'alpha', 'pass'),
  (machine) => machine.sprints.command('1.0.0', { kind: 'tag', revision: null }),
  (machine) => vote(machine, 'prod', true, true),
  (machine) => signOff(machine, 'prod', 'pass'),
  (machine) => finish(machine, '1.0.0'),
]

/** The same once more for the version after it, on the first one's back. */
export const WAYS = [
  ...WAY,
  ...VERSIONS.slice(1, 2).flatMap((version) => [
    (machine: Machine) => machine.remote.push('refs/heads/develop'),
    (machine: Machine) => machine.repository.start(version),
    (machine: Machine) => cut(machine, version),
    (machine: Machine) => signOff(machine, 'alpha', 'pass'),
    (machine: Machine) => machine.sprints.command(version, { kind: 'tag', revision: null }),
    (machine: Machine) => vote(machine, 'prod', true, true),
  ]),
]

type Play = readonly [begin: number, actions: readonly Action[]]
export const plays: fc.Arbitrary<Play> = fc.tuple(fc.nat(WAYS.length), fc.noBias(fc.array(action, { maxLength: 100, size: 'max' })))

/** Plays it, then lets people bring every sprint to its end; what was broken stands in the machine. */
export function play([begin, actions]: Play): Machine {
  const machine = new Machine()
  machine.remote.push('refs/heads/master')
  machine.remote.refs.set('refs/heads/develop', machine.remote.refs.get('refs/heads/master')!)
  machine.remote.push('refs/heads/develop')
  machine.settleDown()
  for (const go of WAYS.slice(0, begin)) {
    go(machine)
    machine.settleDown()
  }
  for (const { run } of actions) {
    run(machine)
    checkStep(machine)
  }
  machine.settleDown()
  checkRest(machine)
  bringAllOn(machine)
  checkRest(machine)
  return machine
}
