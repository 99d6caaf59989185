import { PAGE, PROD, QA, SECOND, type Stage } from '../stage.ts'
import { sprintBegins } from './feature.ts'
import { askerOf, pageLine, untilSprint } from './lines.ts'
import { release } from './production.ts'

export async function badReleaseIsLive(stage: Stage): Promise<void> {
  const { shell, screen, times } = stage
  screen.act(`⑥ the next sprint: ${SECOND} goes the same way, and is bad`)
  screen.tell(
    'News on the page, and another greeting in the configuration of production. Dana, and everybody after her, reads over the slip.',
  )
  await sprintBegins(stage, SECOND, {
    branch: 'feature/christmas',
    changes: [
      `sed -i 's|^<p>website:|<p>news: closed on Chrismas Day</p>\\n&|' ${PAGE}`,
      `sed -i 's|Hello from prod|Merry Chrismas from prod|' ${PROD}`,
    ],
    message: 'News, and a greeting for the season',
  })
  await shell.run(untilSprint(SECOND, 'cut'))
  times.begin()
  await shell.run('slipway cut')
  await shell.run(untilSprint(SECOND, 'signOff'))
  times.end(`release-${SECOND} cut → served on alpha`)
  await shell.run(pageLine(await askerOf(stage, 'alpha')))
  await shell.run(`slipway signoff alpha --pass -m 'there is news' --as ${QA}`)
  await release(stage, SECOND, `v${SECOND}`)
  await shell.run(pageLine(await askerOf(stage, 'prod')))
}
