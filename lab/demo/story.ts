import type { LabEnv } from '../env.ts'
import type { Sample } from '../sample.ts'
import type { Screen } from './screen.ts'
import type { Shell } from './shell.ts'
import type { StageTimes } from './stage-times.ts'
import { recordWorker } from './worker.ts'

export type Stage = {
  readonly env: LabEnv
  readonly sample: Sample
  readonly shell: Shell
  readonly screen: Screen
  readonly times: StageTimes
  /** Waits until the cluster has forgotten the sample of an earlier demo. */
  readonly clusterIsEmpty: () => Promise<void>
}

export const VERSION = '1.0.0'
/** Who speaks besides the developer, whom git names. */
export const QA = 'Quinn'
export const APPROVER = 'Priya'

/** The sprint, act by act: every line is a command as a person would type it in the sample's folder. */
export async function tellStory(stage: Stage): Promise<void> {
  await developIsServed(stage)
  await featureIsMerged(stage)
  await releaseIsStabilised(stage)
  await productionIsApproved(stage)
}

async function developIsServed({ env, sample, shell, screen, times }: Stage): Promise<void> {
  screen.act('① develop: every push is built and served on integration')
  screen.tell('The team names its services and environments in the repository. Where those are is the operator’s, in ../estate.yaml.')
  await shell.run('cat slipway.yaml')
  screen.tell('The operator starts a worker. It finds develop on the remote, and that it runs nowhere yet.')
  times.begin()
  const pid = await shell.capture('setsid slipway worker --estate ../estate.yaml -- --state ../state > ../worker.log 2>&1 & echo $!')
  await recordWorker(env.folder, sample.project, Number(pid.trim()))
  await shell.run(`until grep -q 'worker is ready' ../worker.log; do kill -0 ${pid.trim()} || exit; sleep 0.1; done`)
  await shell.run('slipway doctor')
  await shell.run(untilSays(sample.integrationUrl, 'Hello'))
  times.end('worker started → develop served on integration')
}

async function featureIsMerged({ sample, shell, screen, times }: Stage): Promise<void> {
  screen.act(`② a sprint begins, and its feature is merged into develop`)
  await shell.run(`slipway start ${VERSION} --feature feature/greeting`)
  screen.tell('Dana develops the feature. It touches both services; and there is a slip in it.')
  await shell.run('git switch --quiet --create feature/greeting')
  await shell.run(`sed -i 's|</h1>|, and welcome!</h1>|' website/www/cgi-bin/index.cgi`)
  await shell.run(`sed -i 's|"host":%s|"greeting":"Helo",&|' api/www/cgi-bin/index.cgi`)
  await shell.run('git commit --quiet --all --message "Greet whoever comes" && git push --quiet origin feature/greeting')
  await shell.run('git switch --quiet develop && git merge --quiet --no-ff --no-edit feature/greeting')
  times.begin()
  await shell.run('git push --quiet origin develop')
  await shell.run(untilSays(sample.integrationUrl, 'welcome'))
  times.end('feature pushed to develop → served on integration')
  await shell.run(pageLine(`curl -s ${sample.integrationUrl}/`))
  await shell.run(`slipway status ${VERSION} --until cut --timeout 60`)
}

async function releaseIsStabilised({ env, sample, shell, screen, times, clusterIsEmpty }: Stage): Promise<void> {
  screen.act('③ release: a branch for QA, on alpha at every push, until it is good')
  await clusterIsEmpty()
  times.begin()
  await shell.run('slipway cut')
  await shell.run(`slipway status ${VERSION} --until signOff --timeout 60`)
  times.end('release branch cut → served on alpha')
  const alpha = await askerOf(env, sample, shell, 'alpha')
  await shell.run(pageLine(alpha))
  screen.tell(`${QA} of QA reads it, and finds the slip.`)
  await shell.run(`slipway signoff alpha --fail -m 'the api says Helo, not Hello' --as ${QA}`)
  screen.tell('A bugfix branch, merged back into the release branch. Only the api changes: the website is not built again.')
  await shell.run('git fetch --quiet && git switch --quiet release-1.0.0 && git switch --quiet --create bugfix/helo')
  await shell.run('sed -i s/Helo/Hello/ api/www/cgi-bin/index.cgi && git commit --quiet --all --message "Hello has two l"')
  await shell.run('git switch --quiet release-1.0.0 && git merge --quiet --no-ff --no-edit bugfix/helo')
  times.begin()
  await shell.run('git push --quiet origin release-1.0.0')
  await shell.run(`until ${alpha} | grep -o '"greeting":"Hello"'; do sleep 0.2; done`)
  times.end('bugfix pushed to the release branch → served on alpha')
  await shell.run(`slipway status ${VERSION} --until signOff --timeout 60`)
  await shell.run("slipway status | sed -n '/^images/,/^$/p'")
  await shell.run(`slipway signoff alpha --pass -m 'greets as it should' --as ${QA}`)
}

async function productionIsApproved({ env, sample, shell, screen, times }: Stage): Promise<void> {
  const { project } = sample
  screen.act('④ production: what QA signed off, after an approval, and not before')
  times.begin()
  await shell.run('slipway tag')
  await shell.run(`slipway status ${VERSION} --until approval --timeout 60`)
  times.end('tagged → v1.0.0 waits for approval (the same images, no build)')
  screen.tell('Nothing of production has been touched, and a developer cannot approve.')
  await shell.run(`kubectl get namespace ${project}-prod`, { exit: 1 })
  await shell.run('slipway approve prod', { exit: 3 })
  screen.tell(`${APPROVER} may. What is approved is the hash of it all: change anything, and the approval does not fit any more.`)
  times.begin()
  await shell.run(`slipway approve prod --as ${APPROVER}`)
  await shell.run(`slipway status ${VERSION} --until live --timeout 60`)
  times.end('approved → served on prod')
  await shell.run(pageLine(await askerOf(env, sample, shell, 'prod')))
  screen.tell('What runs there, asked of the cluster itself: the digests that QA signed off.')
  await shell.run(
    `kubectl --namespace ${project}-prod get pods --output 'custom-columns=POD:.metadata.name,READY:.status.containerStatuses[0].ready,IMAGE:.status.containerStatuses[0].imageID'`,
  )
}

/** Asks again until the page says it, and prints where it does. */
function untilSays(url: string, text: string): string {
  return `until curl -s ${url}/ | grep ${text}; do sleep 0.2; done`
}

/** Until it answers: a node's port is open a moment after the cluster calls the rollout complete. */
function pageLine(asks: string): string {
  return `until ${asks} | grep -E '<(h1|p)>'; do sleep 0.2; done`
}

/** The command that asks for an environment's page: at the node's port, or where no node is reached from here, through the API server. */
async function askerOf(env: LabEnv, { project }: Sample, shell: Shell, environment: string): Promise<string> {
  const { nodeAddress } = env.kubernetes
  const namespace = `${project}-${environment}`
  if (nodeAddress === null) return `kubectl get --raw /api/v1/namespaces/${namespace}/services/website:http/proxy/`
  const port = await shell.ask(`kubectl --namespace ${namespace} get service website --output 'jsonpath={.spec.ports[0].nodePort}'`)
  return `curl -s http://${nodeAddress}:${port.trim()}/`
}
