import { rollbackTargets } from '../../domain/environment/judge-rollback.ts'
import type { Deployed, EnvironmentState } from '../../domain/environment/state.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { environmentOf } from '../known-environment.ts'
import { planSnapshot } from '../plan/take.ts'
import type { Slipway } from '../typed/slipway.ts'
import { look } from '../view/paint.ts'
import { changeLines } from '../view/plan.ts'
import { rollbackLines } from '../view/rollback.ts'
import { printed, span, type Line } from '../view/span.ts'
import { wayBack } from '../way-back.ts'

type Input = {
  readonly environment: string
  readonly to?: number | string
  readonly force?: true
  readonly reason: string
  /** False: nothing is planned before. A basis, or its first digits: refused when the target has moved since that plan. */
  readonly plan?: string | false
}

/** Back to what was verified before, after showing from what to what. */
export async function rollback(context: Context, { environment, to: wanted, force, reason, plan }: Input): Promise<ExitCode> {
  const { io } = context
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const { state } = await environmentOf(slipway, environment)
  const { epoch, to } = wayBack(state, wanted)
  if (to !== null) printLines(io.out, printed(rollbackLines(state, to, io.now()), look(io)))
  const isPossible = to !== null && (force === true || rollbackTargets(state).includes(to))
  const shown = plan !== false && isPossible ? await planned(slipway, state, to) : null
  if (shown !== null) printLines(io.out, printed(shown.lines, look(io)))
  const basis =
    typeof plan === 'string' ? { plan, onlyAsPlanned: true } : shown === null || shown.basis === null ? {} : { plan: shown.basis }
  return tellAnswer(io, await slipway.rollback(environment, { epoch, by, reason, ...(force === true ? { force } : {}), ...basis }))
}

/** Somebody waits for what ran before: a target that does not answer at once is not waited for. */
const PLAN_WITHIN_MS = 3_000

type Shown = { readonly lines: Line[]; readonly basis: string | null }

async function planned(slipway: Slipway, state: EnvironmentState, { snapshot }: Deployed): Promise<Shown> {
  const plan = await planSnapshot(slipway, state, { snapshot, withinMs: PLAN_WITHIN_MS })
  return typeof plan === 'string'
    ? { lines: [[span(`  without a plan: ${plan}`, 'yellow')]], basis: null }
    : { lines: changeLines(plan), basis: plan.basis }
}
