import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { composeDrift } from '../json/drift.ts'
import { environmentOf } from '../known-environment.ts'
import { driftLines } from '../view/drift.ts'
import { columnsOf, look } from '../view/paint.ts'
import { printed } from '../view/span.ts'

/** Has the target looked at. Exit 1 when something of it is not as it was applied. */
export async function drift(
  context: Context,
  { environment, json }: { readonly environment: string; readonly json?: true },
): Promise<ExitCode> {
  const { io } = context
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  await environmentOf(slipway, environment)
  const answer = await slipway.inspect(environment, by)
  if (!answer.ok) return tellAnswer(io, answer)
  if (json === true) printJson(io.out, composeDrift(environment, answer))
  else printLines(io.out, printed(driftLines(environment, answer, { now: io.now(), columns: columnsOf(io.out) }), look(io)))
  return answer.findings.length === 0 ? EXIT.done : EXIT.failed
}
