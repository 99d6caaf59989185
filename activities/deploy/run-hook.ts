import { quoted } from '../../domain/parsed.ts'
import type { HookActivities, HookInput, HookRan } from '../contract.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { plainLine } from '../plain-line.ts'
import type { DeployDeps } from './activities.ts'
import { expectFence } from './expect-fence.ts'
import { keepLog } from './keep-log.ts'
import type { HookEnd } from './target.ts'

const OBSERVED_LIMIT = 50
const LINE_LIMIT = 300

/** Runs a hook, or follows it, and keeps what it printed, however it ended. */
export function createRunHook(deps: Pick<DeployDeps, 'attempt' | 'estate' | 'store' | 'target'>): HookActivities['runHook'] {
  return async (input) => {
    const attempt = deps.attempt()
    const { project, environment, fence, snapshot, hook, run } = input
    expectName(input)
    expectFence(environment, fence)
    const [content, rendered] = await withHeartbeat(attempt, 'fetching what was rendered', (_say, signal) =>
      Promise.all([deps.store.get(snapshot.content, signal), deps.store.get(hook.content, signal)]),
    )
    const end = await deps.target(project, environment).runHook(
      {
        project,
        environment,
        fence,
        candidate: snapshot.candidate,
        tag: snapshot.tag,
        registry: deps.estate.file.registry.address,
        content,
        hook: { name: hook.name, content: rendered, timeoutSeconds: hook.timeoutSeconds, run },
      },
      attempt,
    )
    const log = await keepLog(deps.store, end.logText, attempt)
    return judged(input, end, { observed: observedOf(end), log })
  }
}

/** It becomes a part of paths and of names on the target. slipway.yaml was held to it; whoever starts a workflow may say anything. */
function expectName({ environment, hook, run }: HookInput): void {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(hook.name) && Number.isSafeInteger(run) && run > 0) return
  throw permanent(
    'InvalidConfiguration',
    `expected the name of a hook of ${environment} and the number of its run, found ${quoted(hook.name)} and ${run}; request the deployment anew`,
  )
}

function judged({ environment, hook }: HookInput, { outcome, words, logText }: HookEnd, ran: HookRan): HookRan {
  const last = lines(logText).at(-1)
  const said = last === undefined ? '' : `: ${last}`
  switch (outcome) {
    case 'succeeded':
      return ran
    case 'failed':
      throw permanent('HookFailed', `The hook ${hook.name} of ${environment} ${words}${said}`, ran)
    case 'unknown':
      throw permanent(
        'OutcomeUnknown',
        `The hook ${hook.name} of ${environment} ${words}. It is not run again by itself: look whether it did its work, then skip it or say that it shall run once more`,
        ran,
      )
    default:
      return outcome satisfies never
  }
}

/** How it ended, and what it printed last. */
function observedOf({ words, logText }: HookEnd): readonly string[] {
  return [words, ...lines(logText).slice(1 - OBSERVED_LIMIT)]
}

function lines(logText: string): readonly string[] {
  return logText
    .slice(-OBSERVED_LIMIT * 4 * LINE_LIMIT)
    .split('\n')
    .map((line) => plainLine(line, LINE_LIMIT))
    .filter((line) => line !== '')
}
