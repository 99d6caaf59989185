import type { EnvironmentState } from '../../domain/environment/state.ts'
import type { RepositoryState } from '../../domain/repository/state.ts'
import { preparedView } from '../choose-request.ts'
import type { Context } from '../context.ts'
import { usage } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { environmentOf } from '../known-environment.ts'
import { chooseCandidate, chooseWaiting, type Planning } from '../plan/choose.ts'
import { takePlan } from '../plan/take.ts'
import { look } from '../view/paint.ts'
import { planLines } from '../view/plan.ts'
import { printed } from '../view/span.ts'
import { unknownEpoch, wayBack } from '../way-back.ts'

type Input = {
  readonly environment: string
  readonly candidate: string | undefined
  readonly to?: number | string
  readonly json?: true
}

/** What a deployment would change on the target, before anybody says it. */
export async function plan(context: Context, input: Input): Promise<void> {
  const { io } = context
  const { environment, candidate, to, json } = input
  if (candidate !== undefined && to !== undefined) throw usage('expected either what is to be deployed or --to, found both')
  const slipway = await context.open()
  const asked = candidate === undefined && to === undefined ? preparedView(slipway, environment) : environmentOf(slipway, environment)
  const [repository, view] = await Promise.all([slipway.repository(), asked])
  // Before its first request, an environment does not know yet what it is.
  const settings = view.state.settings ?? repository.settings?.environments.find(({ name }) => name === environment) ?? null
  const state = { ...view.state, settings }
  const taken = await takePlan(slipway, state, choose(repository, state, input))
  if (json === true) printJson(io.out, taken)
  else printLines(io.out, printed(planLines(taken), look(io)))
}

function choose(repository: RepositoryState, state: EnvironmentState, { candidate, to }: Input): Planning {
  if (candidate !== undefined) return chooseCandidate(repository, state, candidate)
  if (to === undefined) return chooseWaiting(state)
  const { to: deployed } = wayBack(state, to)
  if (deployed === null) throw unknownEpoch(state, to)
  return { kind: 'snapshot', snapshot: deployed.snapshot, request: null, back: true }
}
