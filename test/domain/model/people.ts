import { isOver } from '../../../domain/sprint/phase.ts'
import { nextCommands } from '../../../domain/sprint/next.ts'
import { sprintWaits } from '../../../domain/sprint/waits.ts'
import { environmentCommands, environmentWaits } from '../../../domain/environment/waits.ts'
import type { Machine } from './machine.ts'
import { breakGlass, confirm, cut, finish, hold, override, resolve, retry, rollback, signOff, vote } from './voices.ts'

const ROUNDS = 40

/** People who read what is waited for and follow it, until every sprint is at its end. */
export function bringAllOn(machine: Machine): void {
  const isOpen = () => [...machine.sprints.runs.values()].some(({ state }) => !isOver(state.phase))
  for (let rounds = 0; rounds < ROUNDS && isOpen(); rounds++) {
    for (const version of machine.sprints.runs.keys()) {
      bringOn(machine, version)
      machine.settleDown()
    }
    for (const name of machine.environments.runs.keys()) freeEnvironment(machine, name)
    machine.settleDown()
  }
  for (const [version, { state }] of machine.sprints.runs) {
    if (isOver(state.phase)) continue
    const said = JSON.stringify({ waits: sprintWaits(state).map(({ detail }) => detail), next: nextCommands(state) }, null, 1)
    machine.breaches.broke('wayOn', `${version} is still ${state.phase}: ${said}`)
  }
}

/** Does the first thing that helps: what git needs, then what the sprint says is possible. */
function bringOn(machine: Machine, version: string): void {
  const state = machine.sprints.get(version)
  if (state === undefined || isOver(state.phase)) return
  for (const { detail, kind } of sprintWaits(state)) followWait(machine, version, detail, kind)
  machine.settleDown()
  const known = machine.sprints.get(version)
  if (known === undefined || isOver(known.phase)) return
  for (const command of nextCommands(known)) if (obey(machine, command)) return
}

/** Whoever looks after an environment does what it asks for. */
function freeEnvironment(machine: Machine, name: string): void {
  const state = machine.environments.get(name)
  const isAsked = environmentWaits(state).some(({ kind }) =>
    ['approval', 'lacks', 'parked', 'locked', 'pinned', 'freeze', 'confirmation'].includes(kind),
  )
  if (isAsked) for (const command of environmentCommands(state)) if (obey(machine, command)) return
}

function followWait(machine: Machine, version: string, detail: string, kind: string): void {
  const { remote } = machine
  const push = /git push(?: --force)? <remote> ([0-9a-f]{40}):(refs\/(?:heads|tags)\/[^\s.]+(?:\.[^\s.]+)*)/.exec(detail)
  if (push !== null) remote.refs.set(push[2]!, push[1]!)
  else if (kind === 'remote' || detail.includes('is gone from the remote')) restore(machine, version, detail)
  const again = /slipway retry (\S+) asks for it/.exec(detail)?.[1]
  if (again !== undefined) retry(machine, again)
  const wrong = /git push <remote> --delete (\S+) takes/.exec(detail)?.[1]
  if (wrong !== undefined) remote.refs.delete(`refs/tags/${wrong}`)
  const branch = `refs/heads/release-${version}`
  const wantsPush = kind === 'bugfix' || kind === 'hotfix' || detail.includes('push a fix') || detail.includes('a newer push')
  if (wantsPush && remote.refs.has(branch)) remote.push(branch)
  const conflict = kind === 'mergeBack' ? /^(\S+) (?:conflicts with|could not)? ?(\S+)/.exec(detail) : null
  if (conflict !== null) mergeByHand(machine, version)
}

function restore(machine: Machine, version: string, detail: string): void {
  const { remote, sprints } = machine
  const state = sprints.get(version)
  const tag = state?.release?.tag
  if (tag !== undefined && detail.startsWith(`${tag} `)) remote.refs.set(`refs/tags/${tag}`, state!.release!.revision)
  const develop = remote.refs.get('refs/heads/develop')
  if (detail.startsWith('develop ')) remote.refs.set('refs/heads/develop', remote.refs.get('refs/heads/master') ?? remote.commit([]))
  if (detail.startsWith('release-') && develop !== undefined) remote.refs.set(`refs/heads/release-${version}`, develop)
}

/** Every branch that waits for a person gets the release by one. */
function mergeByHand({ remote, sprints }: Machine, version: string): void {
  const { mergeBack } = sprints.get(version)!
  for (const { branch, status } of mergeBack?.targets ?? []) {
    const ref = `refs/heads/${branch}`
    if (status.kind !== 'person' || mergeBack === null || !remote.refs.has(ref)) continue
    if (!remote.has(remote.refs.get(ref)!, mergeBack.revision)) remote.merge(ref, mergeBack.revision, false)
  }
}

/** Says a command as it was offered. False where it was refused, or goes another way than on. */
function obey(machine: Machine, command: string): boolean {
  const [, verb = '', first = '', second = ''] = command.split(' ')
  switch (verb) {
    case 'cut':
      return cut(machine, first)
    case 'tag':
      return machine.sprints.command(first, { kind: 'tag', revision: null }).ok
    case 'finish':
      return finish(machine, first)
    case 'hotfix':
      return machine.sprints.command(first, { kind: 'hotfix' }).ok
    case 'signoff':
      return second === '--pass' && signOff(machine, first, 'pass')
    case 'approve':
      return vote(machine, first, true, true)
    case 'confirm':
      return confirm(machine, first, true)
    case 'override':
      if (command.includes('--freeze')) return breakGlass(machine, first, true)
      return override(machine, first, 'it is meant', true)
    case 'unlock':
      return hold(machine, first, 'lock', false)
    case 'unpin':
      return hold(machine, first, 'pin', false)
    case 'resolve':
      return resolve(machine, first, second === 'skip' ? 'skip' : 'retry')
    case 'rollback':
      return machine.environments.get(first).broken && rollback(machine, first, 0, true)
    case 'retry':
      if (first !== '') return retry(machine, first)
      machine.repository.retryBuilds()
      return true
    default:
      return false
  }
}
