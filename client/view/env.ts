import { actorName } from '../../domain/actor.ts'
import { shortDigest } from '../../domain/digest.ts'
import { shortSha } from '../../domain/revision.ts'
import type { Candidate } from '../../domain/candidate.ts'
import { holderOf, reservationOf } from '../../domain/environment/reservation.ts'
import type { Deployed, EnvironmentState } from '../../domain/environment/state.ts'
import { vetoOf } from '../../domain/environment/veto.ts'
import type { Wait } from '../../domain/wait.ts'
import type { EnvironmentPicture } from '../picture.ts'
import { environmentWaitsOf } from '../json/waits.ts'
import { approvalLines } from './approval.ts'
import { findingLines } from './drift.ts'
import { age } from './duration.ts'
import { environmentLines } from './environments.ts'
import { scriptLines } from './script-target.ts'
import { span, table, type Line } from './span.ts'
import { nextLines, section, waitLines } from './status.ts'

const SHOWN_PAST = 5

const SECTIONS = { held: 'is held', awaitingApproval: 'waits for approval', ready: 'is approved' } as const

/** `slipway env NAME`: everything about one environment. */
export function envLines(picture: EnvironmentPicture, options: { readonly now: number; readonly columns: number }): Line[] {
  const { settings, view } = picture
  const from = { develop: 'develop', release: 'the release branch', tag: 'release tags' }[settings.from]
  const mode = settings.guarded
    ? `after approval${settings.approvers.length === 0 ? '' : ` by ${settings.approvers.join(' or ')}`}`
    : 'automatically'
  const head: Line = [span(settings.name, 'bold'), span(`  ${settings.target}, fed by ${from}, deployed ${mode}`)]
  const promised = section('promises less than other targets', scriptLines(settings))
  if (view === null) return [head, [span('  nothing was ever asked for here')], ...promised]
  return [
    head,
    ...body(picture, view.state, environmentWaitsOf(picture, options.now), options),
    ...promised,
    ...section('next', nextLines(view.next)),
  ]
}

function body(
  picture: EnvironmentPicture,
  state: EnvironmentState,
  waits: readonly Wait[],
  options: { readonly now: number; readonly columns: number },
): Line[] {
  const { now } = options
  return [
    ...environmentLines([picture], { live: { builds: [], deployments: [] }, now, spinner: '●' }),
    ...section(
      state.parked?.target === 'broken' ? 'was verified last' : 'runs now',
      state.current === null ? [] : deployedLines(state.current, now),
    ),
    ...state.waiting.flatMap((waiting) => {
      const { stage } = waiting
      if (stage.kind === 'queued' || stage.kind === 'preparing' || (stage.kind === 'ready' && stage.approval === null)) return []
      return section(SECTIONS[stage.kind], approvalLines(state, waiting, stage.preparation))
    }),
    ...section('was seen when it was verified', seenLines(state.current?.observed ?? [])),
    ...section('was seen', seenLines(state.parked?.observed ?? [])),
    ...section('waits for', waitLines(waits, options)),
    ...driftSection(state, options),
    ...section('reserved', reservationLines(state, now)),
    ...section('vetoed', vetoLines(state, now)),
    ...section('ran before', pastLines(state, now)),
  ]
}

/** When the target was looked at last, and what of it differs. */
function driftSection(state: EnvironmentState, options: { readonly now: number; readonly columns: number }): Line[] {
  const { drift, current } = state
  if (drift === null || drift.epoch !== current?.epoch || state.running !== null) return []
  const ago = `${age(drift.at, options.now)} ago`
  return [
    ...section(`drifted, as seen ${ago}`, findingLines(drift.findings, drift.left, options)),
    ...(drift.problem === null ? [] : section('cannot be looked at', [[span(`  ${drift.problem}`, 'yellow')]])),
  ]
}

function deployedLines(deployed: Deployed, now: number): Line[] {
  const { approval, signOff, rollback } = deployed
  return [
    [
      span(`  ${deployed.tag}`),
      span(`  ${shortSha(deployed.snapshot.candidate.revision)}, epoch ${deployed.epoch}, for ${age(deployed.since, now)}`),
    ],
    ...imageLines(deployed.snapshot.candidate),
    ...(deployed.adopted === true ? [[span('  was there before Slipway, and was taken over')]] : []),
    ...(rollback === undefined
      ? []
      : [
          [
            span(
              `  brought back by ${actorName(rollback.by)} instead of ${rollback.fromTag} (epoch ${rollback.fromEpoch})${because(rollback.reason)}`,
              'yellow',
            ),
          ],
        ]),
    ...glassLines(deployed),
    ...(approval === null ? [] : [[span(`  approved by ${actorName(approval.by)}${because(approval.reason)}`)]]),
    ...(signOff === null
      ? []
      : [
          [
            span(
              `  ${signOff.verdict === 'pass' ? 'signed off' : 'found not good'} by ${actorName(signOff.by)}${because(signOff.message)}`,
            ),
          ],
        ]),
  ]
}

function seenLines(observed: readonly string[]): Line[] {
  return observed.map((line) => [span(`  ${line}`)])
}

/** By whose words it began though nothing was to begin. */
function glassLines({ breakGlass }: Deployed): Line[] {
  if (breakGlass === undefined) return []
  const { by, reason, windows, confirmed } = breakGlass
  const second =
    confirmed === undefined ? 'which nobody else has confirmed yet' : `confirmed by ${actorName(confirmed.by)}${because(confirmed.reason)}`
  return [[span(`  began in a freeze (${windows.join(', ')}) by the word of ${actorName(by)}${because(reason)}; ${second}`, 'yellow')]]
}

function because(reason: string | null): string {
  return reason === null || reason === '' ? '' : `: ${reason}`
}

function imageLines(candidate: Candidate): Line[] {
  return table(
    candidate.images.map((image) => [span(image.service), span(shortDigest(image.digest)), span(image.repository, 'dim')]),
    4,
  )
}

function reservationLines(state: EnvironmentState, now: number): Line[] {
  const holder = holderOf(state)
  return holder === null ? [] : [[span(`  ${reservationOf(holder)}`), span(`  ${age(holder.at, now)}`, 'dim')]]
}

function vetoLines({ vetoes }: EnvironmentState, now: number): Line[] {
  return table(
    vetoes
      .toReversed()
      .map((veto) => [span(`epoch ${veto.epoch}`), span(veto.tag), span(veto.reason, 'yellow'), span(`${age(veto.at, now)} ago`, 'dim')]),
  )
}

function pastLines(state: EnvironmentState, now: number): Line[] {
  return table(
    state.past.slice(0, SHOWN_PAST).map((deployed) => {
      const how = deployed.adopted === true ? 'taken over' : 'verified'
      const veto = vetoOf(state, deployed.snapshot) === null ? '' : ', vetoed'
      return [span(`epoch ${deployed.epoch}`), span(deployed.tag), span(`${how} ${age(deployed.since, now)} ago${veto}`, 'dim')]
    }),
  )
}
