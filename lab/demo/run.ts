import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { labEnv, quote, type LabEnv } from '../env.ts'
import { stateFolder } from '../layout.ts'
import { ensurePrograms } from '../machine/install.ts'
import { withLock } from '../machine/lock.ts'
import type { Sample } from '../sample.ts'
import { labStatus } from '../status.ts'
import { tellFailure, tellInterrupted, tellKept, tellLeft } from './endings.ts'
import type { DemoOptions } from './options.ts'
import { prepareSample } from './prepare-sample.ts'
import { removeDeployments, untilNamespacesAreGone } from './remove-sample.ts'
import type { Screen } from './screen.ts'
import { openShell } from './shell.ts'
import { openStageTimes } from './stage-times.ts'
import { APPROVER } from './stage.ts'
import { tellStory } from './story.ts'
import { tellSummary } from './summary.ts'
import { endWorker } from './worker.ts'

export type Demo = {
  readonly options: DemoOptions
  readonly checkout: string
  readonly environment: NodeJS.ProcessEnv
  readonly screen: Screen
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal
}

/** Only bringing the lab up for the first time takes longer than a line of the story may. */
const LAB_MS = 60 * 60_000
const LINE_MS = 90_000

/** @returns the exit code */
export async function runDemo(demo: Demo): Promise<number> {
  const { checkout, options, screen } = demo
  const lock = join(stateFolder(checkout), `demo-${options.project}.lock`)
  const tellWait = () => screen.tell(`Another demo of “${options.project}” is running here: waiting for its end …`)
  return await withLock(lock, () => playAndLeave(demo), tellWait)
}

async function playAndLeave(demo: Demo): Promise<number> {
  const { checkout, screen, signal } = demo
  const labWasUp = (await labStatus(checkout)).length > 0
  try {
    const env = await bringUp(demo)
    signal.throwIfAborted()
    const sample = await play(demo, env)
    if (demo.options.keep) {
      tellKept(screen, { sample, checkout })
    } else {
      await leave(demo, labWasUp)
      tellLeft(screen, { labWasUp })
    }
    return 0
  } catch (error) {
    if (signal.aborted) screen.problem('Interrupted: ending what the demo started …')
    else await tellFailure(screen, error, sampleFolder(checkout, demo.options.project))
    await leave(demo, labWasUp)
    if (signal.aborted) tellInterrupted(screen, { labWasUp })
    return signal.aborted ? 130 : 1
  }
}

async function bringUp({ options, checkout, environment, screen, signal }: Demo): Promise<LabEnv> {
  const shell = openShell({ folder: checkout, environment, screen, patienceMs: LAB_MS, signal })
  screen.act('⓪ the lab: real parts on this machine')
  screen.tell(
    'A Docker engine, a registry, an ssh host, git remotes, a Kubernetes cluster and Temporal. What is missing is installed or built.',
  )
  await shell.run(['npm run --silent lab -- up', ...options.labArguments.map(plainOrQuoted)].join(' '))
  // The story asks over HTTP as a person does.
  await ensurePrograms(['curl'], { say: screen.tell, progress: () => {} })
  return await labEnv(checkout, environment)
}

async function play({ options, checkout, environment, screen, signal }: Demo, env: LabEnv): Promise<Sample> {
  const { project } = options
  if (existsSync(sampleFolder(checkout, project))) screen.tell('An earlier demo has been here: what it left is taken away first.')
  const { sample, environment: ours } = await prepareSample(env, project, [APPROVER])
  screen.tell(`A sample project, “${project}”, has been pushed to a git remote of the lab. From here on all happens in its clone:`)
  screen.note(relative(checkout, sample.folder))
  const shell = openShell({
    folder: sample.folder,
    environment: { ...withoutMisleading(environment), ...ours },
    screen,
    patienceMs: LINE_MS,
    signal,
  })
  const times = openStageTimes(Date.now)
  const began = Date.now()
  await tellStory({ env, sample, shell, screen, times, clusterIsEmpty: () => untilNamespacesAreGone(env, project) })
  const tookMs = Date.now() - began
  await tellSummary({ env, project, shell, screen, times, tookMs })
  return sample
}

/** Ends what the demo started, in whatever state it is, and leaves alone what was there before. */
async function leave({ options, checkout, environment, screen }: Demo, labWasUp: boolean): Promise<void> {
  const { project } = options
  await endWorker(stateFolder(checkout), project)
  const env = await labEnv(checkout, environment).catch(() => null)
  if (env !== null) await removeDeployments(env, project).catch(() => undefined)
  if (labWasUp) return
  if (env !== null) await untilNamespacesAreGone(env, project).catch(() => undefined)
  const shell = openShell({ folder: checkout, environment, screen, patienceMs: LAB_MS, signal: new AbortController().signal })
  screen.tell('The demo brought the lab up, so it takes it down. What was installed and built stays for the next time.')
  await shell.run('npm run --silent lab -- down')
}

function sampleFolder(checkout: string, project: string): string {
  return join(stateFolder(checkout), 'samples', project)
}

/** What would make the lines speak of something else than the sample. */
function withoutMisleading(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(SLIPWAY|GIT|COMPOSE)_/.test(name)))
}

function plainOrQuoted(argument: string): string {
  return /^[A-Za-z0-9._/=-]+$/.test(argument) ? argument : quote(argument)
}
