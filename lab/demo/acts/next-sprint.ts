import { SECOND, THIRD, type Stage } from '../stage.ts'

export async function nextSprintGoesOn({ sample, shell, screen }: Stage): Promise<void> {
  screen.act(`⑩ what is written down, and the sprint that goes on`)
  await shell.run(`slipway history ${SECOND}`)
  screen.tell(`${THIRD} has it all: what develop is now is served on integration.`)
  await shell.run(`until slipway env integration | grep "✓  develop.$(git rev-parse --short=8 origin/develop)"; do sleep 0.2; done`)
  await shell.run(`curl -s ${sample.integrationUrl}/ | grep news`)
  await shell.run('slipway status')
}
