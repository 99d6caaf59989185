import { actorName } from '../../domain/actor.ts'
import { seenDrift, type DriftSeen } from '../../domain/environment/drift.ts'
import { lackOf } from '../../domain/environment/judge-override.ts'
import type { EnvironmentState } from '../../domain/environment/state.ts'
import { environmentStatus } from '../json/environment-status.ts'
import { retryText } from '../json/waits.ts'
import type { EnvironmentPicture, Live } from '../picture.ts'
import { age } from './duration.ts'
import { span, table, type Line, type Span } from './span.ts'

/** One row an environment: what it holds, under which epoch, how that does. */
export function environmentLines(
  environments: readonly EnvironmentPicture[],
  options: { readonly live: Live; readonly now: number; readonly spinner: string },
): Line[] {
  return table(
    environments.map(({ settings, view }) => {
      const line = options.live.deployments.find((deployment) => deployment.environment === settings.name)?.line ?? null
      return [span(settings.name), ...cells(view?.state ?? null, { ...options, line })]
    }),
  )
}

function cells(
  state: EnvironmentState | null,
  { line, now, spinner }: { readonly line: string | null; readonly now: number; readonly spinner: string },
): Span[] {
  const { status, since } = environmentStatus(state)
  const ago = since === null ? '' : age(since, now)
  const { running = null, parked = null, current = null } = state ?? {}
  switch (status) {
    case 'empty':
      return [span('○', 'dim'), span('nothing yet', 'dim')]
    case 'verified': {
      const drift = state === null ? null : seenDrift(state)
      const mark = drift === null ? span('✓', 'green') : span('!', 'yellow')
      return [
        mark,
        ...what(current?.tag, current?.epoch),
        span(`${howItCame(current)} ${ago} ago${signOff(current)}${drifted(drift, now)}`),
      ]
    }
    case 'deploying':
      return [
        span(spinner, 'cyan'),
        ...what(running?.request.tag, running?.epoch),
        span(
          `${running?.request.rollback === undefined ? '' : 'going back, '}${running?.step ?? ''} for ${ago}${attempt(running?.attempt)}${line === null ? '' : `  ${line}`}`,
        ),
      ]
    case 'retrying':
      return [span('!', 'yellow'), ...what(running?.request.tag, running?.epoch), span(retry(running, now), 'yellow')]
    case 'awaitingApproval': {
      const waiting = state?.waiting.find((other) => other.stage.kind === 'awaitingApproval')
      const holds = current === null ? 'nothing runs yet' : `${current.tag} runs`
      return [span('?', 'yellow'), ...what(waiting?.request.tag), span(`waits for approval for ${ago}; ${holds}`)]
    }
    case 'held': {
      const held = state?.waiting.find((other) => other.stage.kind === 'held')
      const lacks = held?.stage.kind === 'held' ? lackOf(held.stage.lacks) : ''
      return [span('?', 'yellow'), ...what(held?.request.tag), span(`held for ${ago}: it lacks ${lacks}`, 'yellow')]
    }
    case 'frozen': {
      const frozen = state?.waiting.find(({ stage }) => stage.kind === 'ready')
      const until = state?.freeze?.untilWords ?? null
      return [span('?', 'yellow'), ...what(frozen?.request.tag), span(`frozen${until === null ? '' : ` until ${until}`}`, 'yellow')]
    }
    case 'parked':
    case 'broken': {
      const left = status === 'broken' ? 'broken' : current === null ? 'nothing was changed' : `${current.tag} runs`
      return [
        span('✗', 'red'),
        ...what(parked?.request.tag, parked?.epoch),
        span(`${parked?.request.rollback === undefined ? '' : 'the way back '}failed ${ago} ago, ${left}: ${parked?.reason ?? ''}`, 'red'),
      ]
    }
    default:
      return status satisfies never
  }
}

function drifted(drift: DriftSeen | null, now: number): string {
  return drift === null ? '' : `; drifted for ${age(drift.since ?? drift.at, now)}`
}

function what(tag: string | undefined, epoch?: number | null): Span[] {
  return [span(tag ?? ''), span(epoch === undefined || epoch === null ? '' : `epoch ${epoch}`, 'dim')]
}

function howItCame(current: EnvironmentState['current']): string {
  if (current?.adopted === true) return 'taken over'
  return current?.rollback === undefined ? 'verified' : `back instead of ${current.rollback.fromTag}, verified`
}

function attempt(number: number | undefined): string {
  return number === undefined || number < 2 ? '' : `, attempt ${number}`
}

function retry(running: EnvironmentState['running'], now: number): string {
  if (running === null || running.retry === null) return ''
  return `${running.step}, attempt ${running.attempt} failed: ${running.retry.reason}; ${retryText(running.retry.at, now)}`
}

function signOff(current: EnvironmentState['current']): string {
  if (current === null || current.signOff === null) return ''
  return current.signOff.verdict === 'pass'
    ? `, signed off by ${actorName(current.signOff.by)}`
    : `, not good says ${actorName(current.signOff.by)}`
}
