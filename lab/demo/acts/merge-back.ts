import { HOTFIX, PAGE, PROD, SECOND, type Stage } from '../stage.ts'
import { containedIn, finish } from './finish.ts'
import { untilSprint } from './lines.ts'

/** The part of `slipway status --json` that is needed here. */
type Status = {
  readonly mergeBack: { readonly targets: readonly { readonly branch: string; readonly steps: readonly string[] }[] } | null
}

export async function conflictIsSolved(stage: Stage): Promise<void> {
  const { shell, screen, times } = stage
  screen.act('⑨ merge-back: a conflict waits for a person, with its exact steps')
  await finish(stage, SECOND)
  await shell.run(`until slipway status ${SECOND} | grep -A 6 'waits for a person'; do sleep 0.2; done`)
  times.end(`${HOTFIX} finished → in master, and develop’s conflict shown`)
  screen.tell('Slipway does not guess. Dana runs the lines that it shows, as they stand there.')
  await runSteps(stage)
  await shell.run(untilSprint(SECOND, 'finished'))
  times.end('conflict solved and pushed → finished')
  await shell.run(containedIn(HOTFIX))
  await shell.run('git log --oneline --graph -6 origin/develop')
}

/** The merge stops at the conflict, and goes on after the line that tells a person to solve it. */
async function runSteps({ shell, screen, times }: Stage): Promise<void> {
  const { mergeBack } = JSON.parse(await shell.ask(`slipway status ${SECOND} --json`)) as Status
  const steps = mergeBack?.targets.find(({ branch }) => branch === 'develop')?.steps ?? []
  const solve = steps.findIndex((step) => step.startsWith('#'))
  for (const [index, step] of steps.entries()) {
    times.begin()
    await shell.run(step, { exit: index === solve - 1 ? 1 : 0 })
    if (index !== solve) continue
    await shell.run(`git diff ${PAGE}`)
    screen.tell('Develop’s lines are the newer ones, and stay; a person knows that.')
    await shell.run(`git checkout --ours ${PAGE} ${PROD} && git add ${PAGE} ${PROD}`)
  }
}
