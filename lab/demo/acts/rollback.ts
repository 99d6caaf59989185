import { APPROVER, SECOND, type Stage } from '../stage.ts'
import { askerOf, pageLine, untilSays, untilSprint } from './lines.ts'

export async function productionGoesBack(stage: Stage): Promise<void> {
  const { sample, shell, screen, times } = stage
  screen.act('⑦ rollback: the page and the configuration of before, without a build')
  const running = `kubectl --namespace ${sample.project}-prod get deployment website --output 'custom-columns=CONFIGURATION:.spec.template.spec.containers[0].envFrom[0].configMapRef.name,IMAGE:.spec.template.spec.containers[0].image'`
  await shell.run(running)
  times.begin()
  await shell.run(`slipway rollback prod --reason 'Christmas has a t' --as ${APPROVER}`)
  const prod = await askerOf(stage, 'prod')
  await shell.run(untilSprint(SECOND, 'rolledBack'))
  await shell.run(untilSays(prod, 'Hello from prod'))
  times.end(`rollback of v${SECOND} → the page of before served on prod`)
  await shell.run(pageLine(prod))
  await shell.run(running)
  screen.tell('No push and no sprint brings it back: what was left is vetoed there.')
  await shell.run('slipway env prod')
}
