import { FIRST, QA, type Stage } from '../stage.ts'
import { untilSprint } from './lines.ts'

export async function releaseIsFinished(stage: Stage): Promise<void> {
  const { shell, screen } = stage
  screen.act('⑤ the end of a sprint: what was released is merged into develop and master')
  screen.tell(`Both bugfixes are on the release branch only. ${QA} confirms production; then the merge-back belongs to the release.`)
  await finish(stage, FIRST)
  await shell.run(untilSprint(FIRST, 'finished'))
  stage.times.end(`v${FIRST} finished → in develop and master`)
  await shell.run(containedIn(`v${FIRST}`))
}

/** QA's word on production, and the release manager's that it is merged back. */
export async function finish({ shell, times }: Stage, version: string): Promise<void> {
  await shell.run(`slipway signoff prod --pass --as ${QA}`)
  times.begin()
  await shell.run(`slipway finish ${version}`)
}

/** Says which branches of the remote have the tag. */
export function containedIn(tag: string): string {
  return `git fetch --quiet --tags && git branch --remotes --contains ${tag}`
}
