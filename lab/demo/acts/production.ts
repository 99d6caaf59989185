import { APPROVER, FIRST, type Stage } from '../stage.ts'
import { askerOf, pageLine, untilSprint } from './lines.ts'

export async function productionIsApproved(stage: Stage): Promise<void> {
  const { sample, shell, screen, times } = stage
  screen.act('④ production: what QA signed off, after an approval, and not before')
  times.begin()
  await shell.run('slipway tag')
  await shell.run(untilSprint(FIRST, 'approval'))
  times.end(`v${FIRST} tagged → waits for approval (the same images, no build)`)
  screen.tell('Nothing of production has been touched, and a developer cannot approve.')
  await shell.run(`kubectl get namespace ${sample.project}-prod`, { exit: 1 })
  await shell.run('slipway approve prod', { exit: 3 })
  screen.tell(`${APPROVER} may. What is approved is the hash of it all: change anything, and the approval does not fit any more.`)
  times.begin()
  await approve(stage, FIRST)
  times.end(`v${FIRST} approved → served on prod`)
  await shell.run(pageLine(await askerOf(stage, 'prod')))
  screen.tell('What runs there, asked of the cluster itself: the digests that QA signed off.')
  await shell.run(
    `kubectl --namespace ${sample.project}-prod get pods --output 'custom-columns=POD:.metadata.name,READY:.status.containerStatuses[0].ready,IMAGE:.status.containerStatuses[0].imageID'`,
  )
}

/** From the sign-off to production, as every release goes. */
export async function release(stage: Stage, version: string, tag: string): Promise<void> {
  const { shell, times } = stage
  times.begin()
  await shell.run(`slipway tag ${version}`)
  await shell.run(untilSprint(version, 'approval'))
  await approve(stage, version)
  times.end(`${tag} tagged → approved and served on prod`)
}

async function approve({ shell }: Stage, version: string): Promise<void> {
  await shell.run(`slipway approve prod --as ${APPROVER}`)
  await shell.run(untilSprint(version, 'live'))
}
