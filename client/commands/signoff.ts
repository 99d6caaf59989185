import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { refused, usage, type ExitCode } from '../exit.ts'
import { environmentOf } from '../known-environment.ts'

type Input = {
  readonly environment: string
  readonly pass?: true
  readonly fail?: true
  readonly message?: string
  readonly epoch?: number
}

/** QA's word on what runs there now: it names the epoch and the revision, so it never falls on anything else. */
export async function signoff(context: Context, input: Input): Promise<ExitCode> {
  const { environment: name } = input
  if (input.pass === undefined && input.fail === undefined) {
    throw usage('say whether it is good', [`slipway signoff ${name} --pass`, `slipway signoff ${name} --fail -m …`])
  }
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const view = await environmentOf(slipway, name)
  const { current } = view.state
  if (current === null) throw refused(`nothing is verified in ${name} yet`, [`slipway env ${name}`])
  const wish = {
    verdict: input.pass === true ? ('pass' as const) : ('fail' as const),
    epoch: input.epoch ?? current.epoch,
    revision: current.snapshot.candidate.revision,
    by,
    message: input.message ?? null,
  }
  return tellAnswer(context.io, await slipway.signOff(name, wish))
}
