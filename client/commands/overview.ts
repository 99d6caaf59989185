import { chooseSprint } from '../choose-sprint.ts'
import type { Context } from '../context.ts'
import { printLines } from '../io.ts'
import { environmentPictures, NOTHING_LIVE, takePicture } from '../picture.ts'
import { environmentLines } from '../view/environments.ts'
import { takeUnfollowed } from '../unfollowed.ts'
import { outageWait, withNextTry } from '../json/waits.ts'
import { columnsOf, look } from '../view/paint.ts'
import { printed, span, type Line } from '../view/span.ts'
import { nextLines, section, statusLines, waitLines } from '../view/status.ts'
import { unfollowedLines } from '../view/unfollowed.ts'

/** `slipway` alone: where the current sprint stands, or without one what runs, and what can be done next. */
export async function overview(context: Context): Promise<void> {
  const { io } = context
  const slipway = await context.open()
  const repository = await slipway.repository()
  const print = (lines: readonly Line[]) => printLines(io.out, printed(lines, look(io)))
  if (repository.sprints.length > 0) {
    const version = chooseSprint(slipway.project, repository.sprints)
    print(
      statusLines(await takePicture(slipway, { version, repository, live: true, now: io.now }), {
        spinner: '●',
        columns: columnsOf(io.out),
      }),
    )
    return
  }
  const [environments, unfollowed] = await Promise.all([environmentPictures(slipway, repository), takeUnfollowed(slipway, repository)])
  const { outage } = repository
  print([
    [span(slipway.project, 'bold'), span('  no sprint is open')],
    ...section('environments', environmentLines(environments, { live: NOTHING_LIVE, now: io.now(), spinner: '●' })),
    ...section(
      'waits for',
      outage === null ? [] : waitLines([withNextTry(outageWait(outage), io.now())], { now: io.now(), columns: columnsOf(io.out) }),
    ),
    ...section('not followed', unfollowedLines(unfollowed)),
    ...section('next', nextLines(['slipway start VERSION', 'slipway doctor', 'slipway --help'])),
  ])
}
