import type { MergeTarget } from '../../domain/merge-back/state.ts'
import { shortRef } from '../../domain/ref-rules.ts'
import { shortSha } from '../../domain/revision.ts'
import { waitsOf } from '../json/waits.ts'
import { candidatesOf } from '../json/status.ts'
import type { SprintPicture } from '../picture.ts'
import { HOW } from '../view/merge-back.ts'
import { unfollowedSpans } from '../view/unfollowed.ts'
import { iso } from '../view/duration.ts'
import { span, type Line } from '../view/span.ts'
import type { EnvironmentState } from '../../domain/environment/state.ts'

/** What is true of a sprint now, each under a key: a line is printed when what stands under a key has changed. */
export type Facts = ReadonlyMap<string, string>

export function factsOf(picture: SprintPicture): Facts {
  const { state } = picture.sprint
  return new Map([
    ['phase', `${state.version} is ${state.phase}`],
    ...state.features.map((feature): [string, string] => [
      `feature ${feature.branch}`,
      `feature ${feature.branch} ${feature.merged === null ? 'is not merged yet' : 'is merged'}`,
    ]),
    ...buildFacts(picture),
    ...candidatesOf(picture).map((candidate): [string, string] => [
      `build ${candidate.revision}`,
      `build ${shortSha(candidate.revision)}: built${candidate.refs.length === 0 ? '' : `, ${candidate.refs.join(', ')}`}`,
    ]),
    ...picture.environments.flatMap(({ settings, view }): [string, string][] =>
      view === null ? [] : [[`environment ${settings.name}`, `${settings.name}: ${environmentFact(view.state)}`]],
    ),
    ...(state.mergeBack?.targets ?? []).map(({ branch, status }): [string, string] => [
      `merge-back ${branch}`,
      `merge-back into ${branch}: ${mergeFact(status)}`,
    ]),
    ...picture.unfollowed.map((each): [string, string] => [
      `unfollowed ${each.version}`,
      unfollowedSpans(each)
        .map(({ text }) => text)
        .join(''),
    ]),
    ...waitsOf(picture).map((wait): [string, string] => {
      const said = withoutCountdown(wait.detail)
      const about = wait.request === undefined ? said : `${wait.environment ?? ''} ${wait.request}`
      return [`wait ${wait.kind} ${about}`, `waits for: ${said}`]
    }),
  ])
}

/** The lines for what is new or different; what ended has been said by what came of it. */
export function changeLines(before: Facts, after: Facts, now: number): Line[] {
  const at = iso(now).slice(11, 19)
  return [...after].flatMap(([key, text]) => (before.get(key) === text ? [] : [[span(`${at} `, 'dim'), span(text)]]))
}

function buildFacts({ live }: SprintPicture): [string, string][] {
  return live.builds.flatMap((build): [string, string][] => {
    const name = `build ${shortSha(build.revision)} of ${shortRef(build.ref)}`
    const services = build.view?.services ?? []
    return [
      [`build ${build.revision}`, `${name}: running`],
      ...services.map((service): [string, string] => [
        `build ${build.revision} ${service.service}`,
        `${name}: ${service.service} ${service.retry === null ? service.status : `waits: ${service.retry.reason}`}`,
      ]),
    ]
  })
}

function mergeFact(status: MergeTarget['status']): string {
  switch (status.kind) {
    case 'open':
      return 'next'
    case 'retry':
      return `tried again: ${status.reason}`
    case 'person':
      return `waits for a person: ${status.reason}`
    case 'done':
      return HOW[status.how]
    case 'stopped':
      return 'was not pushed'
    default:
      return status satisfies never
  }
}

function environmentFact({ running, parked, current }: EnvironmentState): string {
  if (running !== null) {
    const why = running.retry === null ? '' : `, attempt ${running.attempt} failed: ${running.retry.reason}`
    const back = running.request.rollback === undefined ? '' : 'back to '
    return `${back}${running.request.tag} as epoch ${running.epoch}: ${running.step}${why}`
  }
  if (parked !== null) return `${parked.request.tag} failed (${parked.target}): ${parked.reason}`
  if (current === null) return 'nothing runs yet'
  const again = current.rollback === undefined ? '' : ` again, instead of ${current.rollback.fromTag}`
  return `${current.tag} runs${again}, epoch ${current.epoch}${current.signOff === null ? '' : current.signOff.verdict === 'pass' ? ', signed off' : ', not good'}`
}

/** What counts down would print a line a second. */
function withoutCountdown(detail: string): string {
  return detail.replace(/; next try in [^;]*$|; it is being tried again$/, '')
}
