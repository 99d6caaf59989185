import { environmentWaits } from '../../../domain/environment/waits.ts'
import { isBefore } from '../../../domain/release-tag.ts'
import { nextCommands } from '../../../domain/sprint/next.ts'
import { isOver } from '../../../domain/sprint/phase.ts'
import { settle } from '../../../domain/sprint/settle.ts'
import type { SprintState } from '../../../domain/sprint/state.ts'
import { sprintWaits } from '../../../domain/sprint/waits.ts'
import type { Machine } from './machine.ts'

/** What must hold after every step. */
export function checkStep(machine: Machine): void {
  const { breaches } = machine
  for (const [name, { state }] of machine.environments.runs) {
    const isOpen = state.running !== null || state.waiting.length > 0 || state.parked !== null
    const waits = environmentWaits(state)
    if (isOpen && waits.length === 0) breaches.broke('reasons', `${name} waits without a reason`)
    if (waits.some((wait) => wait.detail === '')) breaches.broke('reasons', `a wait in ${name} says nothing`)
    const { drift, current, running } = state
    const isTold = running !== null || waits.some(({ kind }) => kind === 'drift')
    if (drift !== null && drift.findings.length > 0 && (drift.epoch !== current?.epoch || !isTold))
      breaches.broke('drifted', `${name} drifted as epoch ${drift.epoch}, and runs epoch ${current?.epoch}`)
  }
  for (const [version, { state }] of machine.sprints.runs) {
    if (nextCommands(state).length === 0) breaches.broke('advice', `nothing can be done about ${version}, which is ${state.phase}`)
    if (isOver(state.phase)) continue
    if (settle(state, machine.now).phase !== state.phase)
      breaches.broke('settled', `${version} is ${state.phase} and could be ${settle(state, machine.now).phase}`)
    const waits = sprintWaits(state)
    if (waits.length === 0) breaches.broke('reasons', `${version} is ${state.phase} and waits without a reason`)
    if (waits.some((wait) => wait.detail === '')) breaches.broke('reasons', `a wait of ${version} says nothing`)
  }
}

/** What must hold when nothing is under way. */
export function checkRest(machine: Machine): void {
  checkStep(machine)
  checkSizes(machine)
  checkLatest(machine)
  for (const { state } of machine.sprints.runs.values()) checkRolledBack(machine, state)
  for (const [tag, { state, isAlive }] of machine.mergeBacks.runs) {
    const sprint = machine.sprints.get(state.version)
    if (isAlive && (sprint?.phase !== 'mergingBack' || sprint.mergeBack?.tag !== tag))
      machine.breaches.broke('stopped', `the merge-back of ${tag} goes on, and ${state.version} is ${sprint?.phase}`)
  }
}

function checkRolledBack({ environments, breaches }: Machine, { version, phase, release }: SprintState): void {
  const { current, waiting, running } = environments.get('prod')
  if (release === null || current?.rollback === undefined || !isBefore(current.tag, release.tag)) return
  const isAskedFor = running?.request.tag === release.tag || waiting.some(({ request }) => request.tag === release.tag)
  if (phase === 'live' || phase === 'mergingBack' || (phase === 'releasing' && !isAskedFor))
    breaches.broke('rolledBack', `${version} is ${phase}, and prod went back from ${current.rollback.fromTag} to ${current.tag}`)
}

function checkLatest({ repository, remote, sprints, environments, breaches }: Machine): void {
  for (const [version, { state }] of sprints.runs) {
    if (state.phase !== 'aborted') continue
    for (const [name, { state: environment }] of environments.runs) {
      const left = environment.waiting.find(({ request }) => request.by.name === `sprint ${version}`)
      if (left !== undefined) breaches.broke('latest', `${left.request.id} of the aborted ${version} still waits on ${name}`)
    }
  }
  const integration = environments.get('integration')
  const develop = repository.state.refs.find((tracked) => tracked.ref === 'refs/heads/develop')
  const build = repository.state.builds.find((each) => each.revision === develop?.revision)
  if (build?.status !== 'built' || develop?.named !== true || integration.parked !== null || integration.rejected.length > 0) return
  const isHeld = integration.lock !== null || integration.pin !== null || integration.freeze?.open === false
  if (isHeld || integration.running !== null) return
  // Somebody went back: until the next push that stands.
  if (integration.current?.rollback !== undefined || integration.current?.adopted === true) return
  const runs = integration.current?.snapshot.candidate.revision
  const tip = remote.refs.get('refs/heads/develop')
  if (tip === undefined || runs === tip) return
  // What was deleted and pushed anew at an older commit is no rewrite: what contains it stays.
  const isRewrite = develop.rewrittenAt === develop.since
  if (runs === undefined || isRewrite || !remote.contains(runs, tip))
    breaches.broke('latest', `integration does not run develop, but ${integration.current?.tag}`)
}

function checkSizes({ sprints, environments, mergeBacks, repository, breaches }: Machine): void {
  const states: [string, unknown][] = [
    ['repository', repository.state],
    ...[...sprints.runs].map(([version, { state }]): [string, unknown] => [version, state]),
    ...[...environments.runs].map(([name, { state }]): [string, unknown] => [name, state]),
    ...[...mergeBacks.runs].map(([tag, { state }]): [string, unknown] => [tag, state]),
  ]
  for (const [name, state] of states) {
    const bytes = JSON.stringify(state).length
    if (bytes >= 64 * 1024) breaches.broke('small', `${name} has ${bytes} bytes`)
  }
}
