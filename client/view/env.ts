import { shortDigest } from '../../domain/digest.ts'
import { shortSha } from '../../domain/revision.ts'
import type { Candidate } from '../../domain/candidate.ts'
import type { Deployed, EnvironmentState } from '../../domain/environment/state.ts'
import type { Wait } from '../../domain/wait.ts'
import type { EnvironmentPicture } from '../picture.ts'
import { environmentWaitsOf } from '../json/waits.ts'
import { approvalLines } from './approval.ts'
import { age } from './duration.ts'
import { environmentLines } from './environments.ts'
import { span, table, type Line } from './span.ts'
import { nextLines, section, waitLines } from './status.ts'

const SHOWN_PAST = 5

/** `slipway env NAME`: everything about one environment. */
export function envLines(picture: EnvironmentPicture, options: { readonly now: number; readonly columns: number }): Line[] {
  const { settings, view } = picture
  const from = { develop: 'develop', release: 'the release branch', tag: 'release tags' }[settings.from]
  const mode = settings.guarded
    ? `after approval${settings.approvers.length === 0 ? '' : ` by ${settings.approvers.join(' or ')}`}`
    : 'automatically'
  const head: Line = [span(settings.name, 'bold'), span(`  ${settings.target}, fed by ${from}, deployed ${mode}`)]
  if (view === null) return [head, [span('  nothing was ever asked for here')]]
  return [head, ...body(picture, view.state, environmentWaitsOf(picture, options.now), options), ...section('next', nextLines(view.next))]
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
    ...state.waiting.flatMap((waiting) =>
      waiting.stage.kind === 'awaitingApproval'
        ? section('waits for approval', approvalLines(state, waiting.request, waiting.stage.preparation))
        : [],
    ),
    ...section(
      'was seen',
      (state.parked?.observed ?? []).map((line) => [span(`  ${line}`)]),
    ),
    ...section('waits for', waitLines(waits, options)),
    ...section('ran before', pastLines(state.past, now)),
  ]
}

function deployedLines(deployed: Deployed, now: number): Line[] {
  const { approval, signOff } = deployed
  return [
    [
      span(`  ${deployed.tag}`),
      span(`  ${shortSha(deployed.snapshot.candidate.revision)}, epoch ${deployed.epoch}, for ${age(deployed.since, now)}`),
    ],
    ...imageLines(deployed.snapshot.candidate),
    ...(approval === null
      ? []
      : [[span(`  approved by ${approval.by.kind === 'person' ? approval.by.name : ''}${because(approval.reason)}`)]]),
    ...(signOff === null
      ? []
      : [[span(`  ${signOff.verdict === 'pass' ? 'signed off' : 'found not good'} by ${signOff.by.name}${because(signOff.message)}`)]]),
  ]
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

function pastLines(past: readonly Deployed[], now: number): Line[] {
  return table(
    past
      .slice(0, SHOWN_PAST)
      .map((deployed) => [span(`epoch ${deployed.epoch}`), span(deployed.tag), span(`verified ${age(deployed.since, now)} ago`, 'dim')]),
  )
}
