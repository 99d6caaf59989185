import { FIRST, PAGE, type Stage } from '../stage.ts'
import { recordWorker } from '../worker.ts'
import { pageLine, untilSays } from './lines.ts'

export async function developIsServed({ env, sample, shell, screen, times }: Stage): Promise<void> {
  screen.act('① develop: every push is built and served on integration')
  screen.tell('The team names its services and environments in the repository. Where those are is the operator’s, in ../estate.yaml.')
  await shell.run('cat slipway.yaml')
  screen.tell('The operator starts a worker. It finds develop on the remote, and that it runs nowhere yet.')
  times.begin()
  const pid = await shell.capture('setsid slipway worker --estate ../estate.yaml -- --state ../state > ../worker.log 2>&1 & echo $!')
  await recordWorker(env.folder, sample.project, Number(pid.trim()))
  await shell.run(`until grep -q 'worker is ready' ../worker.log; do kill -0 ${pid.trim()} || exit; sleep 0.1; done`)
  await shell.run('slipway doctor')
  await shell.run(untilSays(`curl -s ${sample.integrationUrl}/`, 'Hello'))
  times.end('worker started → develop served on integration')
}

export async function featureIsMerged({ sample, shell, screen, times }: Stage): Promise<void> {
  screen.act('② a sprint begins, and its feature is merged into develop')
  await shell.run(`slipway start ${FIRST} --feature feature/greeting`)
  screen.tell('Dana develops the feature. It touches both services; and there is a slip in each.')
  await shell.run('git switch --quiet --create feature/greeting')
  await shell.run(`sed -i 's|</h1>|, and wellcome!</h1>|' ${PAGE}`)
  await shell.run(`sed -i 's|"host":%s|"greeting":"Helo",&|' api/www/cgi-bin/index.cgi`)
  await shell.run('git commit --quiet --all --message "Greet whoever comes" && git push --quiet origin feature/greeting')
  await shell.run('git switch --quiet develop && git merge --quiet --no-ff --no-edit feature/greeting')
  times.begin()
  await shell.run('git push --quiet origin develop')
  await shell.run(untilSays(`curl -s ${sample.integrationUrl}/`, 'wellcome'))
  times.end('feature pushed to develop → served on integration')
  await shell.run(pageLine(`curl -s ${sample.integrationUrl}/`))
}
