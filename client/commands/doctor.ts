import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { composeDoctor } from '../json/doctor.ts'
import { doctorLines } from '../view/doctor.ts'
import { look } from '../view/paint.ts'
import { printed } from '../view/span.ts'

/** Exit 1 when something is not as it should be. */
export async function doctor(
  context: Context,
  input: { readonly environments: readonly string[]; readonly json?: true },
): Promise<ExitCode> {
  const { io } = context
  const slipway = await context.open()
  const report = composeDoctor(slipway, await slipway.doctor(input.environments.length === 0 ? null : input.environments))
  if (input.json === true) printJson(io.out, report)
  else printLines(io.out, printed(doctorLines(report), look(io)))
  return report.ok ? EXIT.done : EXIT.failed
}
