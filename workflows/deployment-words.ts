import { workflowInfo } from '@temporalio/workflow'
import { authorise } from '../domain/environment/authorise.ts'
import type { Action } from '../domain/environment/authorise.ts'
import type { Actor } from '../domain/actor.ts'
import type { Resolution } from '../domain/environment/judge-resolve.ts'
import { settingsOfEnvironment, type EnvironmentSettings } from '../domain/settings.ts'
import { environmentPlace } from '../domain/signed.ts'
import { nonceOf } from '../domain/statement.ts'
import type { DeploymentInput } from './deployment.ts'
import { readResolve } from './doors.ts'
import { openHearing, unanswered } from './hear.ts'
import type { StandDown } from './messages.ts'

/** What comes of a person's word: a decision, an end, or a denial for the record. */
type Outcome = {
  readonly decide: (decided: Resolution) => void
  readonly end: (wish: StandDown) => void
  readonly deny: (denial: Denial) => void
}

/** `nonce`: of the word that asked for a way back. */
type Denial = { readonly what: string; readonly who: string; readonly reason: string; readonly nonce?: string }

/** By which words a person asks for a way back. */
const WAYS_BACK: readonly Action[] = ['rollback', 'resolve']

/**
 * Where words have to be signed, a deployment does not believe its environment's Signals either, which anybody can send who
 * reaches Temporal: the word comes along as it was signed, and is heard and judged here by the same rules. It counts once,
 * and not when it was said before to another deployment.
 */
export function openDeploymentWords(
  { project, environment, nonces: used = [] }: DeploymentInput,
  known: EnvironmentSettings,
  { decide, end, deny }: Outcome,
) {
  const since = workflowInfo().startTime.getTime()
  let settings = known
  let nonces = used
  /** @param nonce of the word, where it is one: its environment closes what waits for it */
  const hearing = (nonce: string | null) =>
    openHearing({
      project,
      place: environmentPlace(environment),
      since: () => since,
      nonces: () => nonces,
      remember: (used) => void (nonces = used),
      // What is not signed may be enough by now.
      knows: () => false,
      learn: (estate) => {
        settings = settingsOfEnvironment(estate, environment) ?? settings
      },
      deny: (action, by, { reason }) => denyWord({ what: action, who: by.name, reason }, nonce),
    })
  const denyWord = (denial: Denial, nonce: string | null) => deny(nonce === null ? denial : { ...denial, nonce })
  /** True when they may; who may not is told to the record. */
  const may = (action: Action, by: Actor, nonce: string | null): boolean => {
    const refusal = authorise(action, by, settings)
    if (refusal !== null) denyWord({ what: action, who: by.name, reason: refusal.reason }, nonce)
    return refusal === null
  }
  return {
    hearResolution: (decided: Resolution) =>
      unanswered(
        hearing(null)('resolve', decided, (said, by) => {
          const { choice } = readResolve(said, by)
          if (!may('resolve', by, null)) return
          // Of a signed word counts what was signed.
          if (choice === decided.choice) decide({ ...decided, by })
          else deny({ what: 'resolve', who: by.name, reason: `what was signed is ${choice ?? 'no choice'}, not ${decided.choice}` })
        }),
      ),
    hearStandDown: (wish: StandDown) => {
      const action = WAYS_BACK.find((each) => each === wish.word?.action) ?? 'rollback'
      const nonce = nonceOf(wish.word?.signed)
      return unanswered(
        hearing(nonce)(action, { by: wish.by, ...wish.word }, (said, by) => {
          if (!may(action, by, nonce)) return
          const { choice } = readResolve(said, by)
          if (action === 'resolve' && choice !== 'rollback' && choice !== 'retry')
            denyWord({ what: action, who: by.name, reason: `what was signed is ${choice ?? 'no choice'}, which is no way back` }, nonce)
          else end(wish)
        }),
      )
    },
  }
}
