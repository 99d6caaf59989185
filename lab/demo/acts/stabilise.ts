import { FIRST, PAGE, QA, type Stage } from '../stage.ts'
import { askerOf, pageLine, untilSprint } from './lines.ts'

export async function releaseIsStabilised(stage: Stage): Promise<void> {
  const { shell, screen, times, clusterIsEmpty } = stage
  screen.act('③ release: a branch for QA, on alpha at every push, until it is good')
  await clusterIsEmpty()
  times.begin()
  await shell.run('slipway cut')
  await shell.run(untilSprint(FIRST, 'signOff'))
  times.end('release branch cut → served on alpha')
  const alpha = await askerOf(stage, 'alpha')
  await shell.run(pageLine(alpha))

  screen.tell(`${QA} of QA reads it, and finds the api’s slip.`)
  await shell.run(`slipway signoff alpha --fail -m 'the api says Helo, not Hello' --as ${QA}`)
  screen.tell('A bugfix branch, merged back into the release branch. Only the api changes: the website is not built again.')
  await shell.run(`git fetch --quiet && git switch --quiet release-${FIRST}`)
  await bugfix(stage, 'bugfix/helo', 'sed -i s/Helo/Hello/ api/www/cgi-bin/index.cgi', 'Hello has two l')
  await shell.run(pageLine(alpha))

  screen.tell(`The second round: what ${QA} had not seen in the first one. Now only the website is built.`)
  await shell.run(`slipway signoff alpha --fail -m 'wellcome has one l' --as ${QA}`)
  await bugfix(stage, 'bugfix/wellcome', `sed -i s/wellcome/welcome/ ${PAGE}`, 'Welcome has one l')
  await shell.run(`${alpha} | grep h1`)
  await shell.run("slipway status | sed -n '/^images/,/^$/p'")
  await shell.run(`slipway signoff alpha --pass -m 'greets as it should' --as ${QA}`)
}

async function bugfix({ shell, times }: Stage, branch: string, change: string, message: string): Promise<void> {
  await shell.run(`git switch --quiet --create ${branch} && ${change} && git commit --quiet --all --message "${message}"`)
  await shell.run(`git switch --quiet release-${FIRST} && git merge --quiet --no-ff --no-edit ${branch}`)
  times.begin()
  await shell.run(`git push --quiet origin release-${FIRST}`)
  await shell.run(untilSprint(FIRST, 'signOff'))
  times.end(`${branch} pushed to the release branch → served on alpha`)
}
