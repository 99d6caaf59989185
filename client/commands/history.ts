import { chooseSprint } from '../choose-sprint.ts'
import type { Context } from '../context.ts'
import { printJson, printLines } from '../io.ts'
import { composeHistory } from '../json/history.ts'
import { takePicture } from '../picture.ts'
import { historyLines } from '../view/history.ts'
import { look } from '../view/paint.ts'
import { printed } from '../view/span.ts'

export async function history(context: Context, input: { readonly version: string | undefined; readonly json?: true }): Promise<void> {
  const slipway = await context.open()
  const repository = await slipway.repository()
  const version = input.version ?? chooseSprint(slipway.project, repository.sprints)
  const picture = await takePicture(slipway, { version, repository, live: false, now: context.io.now })
  const released = picture.sprint.state.mergeBack?.tag
  const composed = composeHistory(picture, released === undefined ? null : await slipway.mergeBack(released))
  if (input.json === true) printJson(context.io.out, composed)
  else printLines(context.io.out, printed(historyLines(composed), look(context.io)))
}
