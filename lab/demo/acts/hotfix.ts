import { HOTFIX, PAGE, PROD, QA, SECOND, THIRD, type Stage } from '../stage.ts'
import { sprintBegins } from './feature.ts'
import { askerOf, pageLine, untilSays, untilSprint } from './lines.ts'
import { release } from './production.ts'

export async function hotfixIsReleased(stage: Stage): Promise<void> {
  const { shell, screen, times } = stage
  screen.act(`⑧ hotfix: ${SECOND} is mended, and goes by way of alpha and QA to production again`)
  await shell.run('slipway hotfix')
  await shell.run(`git fetch --quiet && git switch --quiet hotfix/${HOTFIX}`)
  await shell.run(`sed -i s/Chrismas/Christmas/ ${PAGE} ${PROD}`)
  await shell.run(`git commit --quiet --all --message "Christmas has a t" && git push --quiet`)
  await shell.run(`git switch --quiet release-${SECOND} && git merge --quiet --no-ff --no-edit hotfix/${HOTFIX}`)
  times.begin()
  await shell.run(`git push --quiet origin release-${SECOND}`)
  screen.tell(`Meanwhile ${THIRD} begins, and changes the same lines on develop.`)
  await sprintBegins(stage, THIRD, {
    branch: 'feature/new-year',
    changes: [`sed -i 's|closed on Chrismas Day|open again in the New Year|' ${PAGE}`, `sed -i 's|Merry Chrismas|Happy New Year|' ${PROD}`],
    message: 'News for January',
  })
  await shell.run(untilSprint(SECOND, 'signOff'))
  times.end('hotfix pushed to the release branch → served on alpha')
  await shell.run(untilSays(await askerOf(stage, 'alpha'), 'Christmas'))
  await shell.run(`slipway signoff alpha --pass -m 'Christmas it is' --as ${QA}`)
  await release(stage, SECOND, HOTFIX)
  await shell.run(pageLine(await askerOf(stage, 'prod')))
}
