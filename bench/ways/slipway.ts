import { writeFile } from 'node:fs/promises'
import type { Client } from '@temporalio/client'
import { quote, type LabEnv } from '../../lab/env.ts'
import { openConversation } from '../../test/fakes/conversation.ts'
import { until } from '../../test/fakes/world.ts'
import { repositoryId } from '../../workflows/ids.ts'
import { readMoments } from '../history/read-moments.ts'
import { nodePlaces, untilPodsAreSettled } from '../node-ports.ts'
import { changeAll, type BenchProject } from '../project/create.ts'
import { untilServed } from '../served.ts'
import { BRANCH, composePlaces, type Target, type Way } from './way.ts'

type BySlipway = {
  readonly env: LabEnv
  readonly client: Client
  /** Of the Temporal server. */
  readonly address: string
  readonly project: BenchProject
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 120_000
const ENVIRONMENT: Readonly<Record<Target, string>> = { compose: 'integration', kustomize: 'alpha' }
const VERSION = '1.0.0'

/** What a developer does with Slipway: pushes. A worker that serves the project runs already. */
export function openBySlipway({ env, client, address, project, signal }: BySlipway): Way {
  const { shape } = project
  const talk = openConversation(client, shape.name)
  const imageTag = (target: Target, revision: string) => `${BRANCH[target]}.${revision.slice(0, 8)}`
  return {
    name: 'Slipway',
    project,
    begin: async () => {
      await writeFile(project.hintFile, hintLine(env, address, shape.name))
      const first = (await project.git('rev-parse', 'HEAD')).trim()
      await talk.runs('integration', imageTag('compose', first), TIMEOUT_MS)
      await expectOk(talk.start(VERSION))
      // The sprint learns a moment later what the repository knows of develop.
      await until(
        () => talk.say(VERSION, { kind: 'cut', without: [] }),
        ({ ok }) => ok,
        TIMEOUT_MS,
      )
      await talk.runs('alpha', imageTag('kustomize', first), TIMEOUT_MS)
      await project.git('fetch', '--quiet', 'origin')
      await project.git('branch', '--quiet', BRANCH.kustomize, `origin/${BRANCH.kustomize}`)
    },
    deliver: async (target, version) => {
      const places = target === 'compose' ? composePlaces(project) : await nodePlaces(env, shape)
      const revision = await changeAll(project, BRANCH[target], version)
      const begun = Date.now()
      const push = project.git('push', '--quiet', 'origin', BRANCH[target]).then(() => Date.now() - begun)
      const served = await untilServed(places, version, { timeoutMs: TIMEOUT_MS, signal })
      const pushed = await push
      await talk.runs(ENVIRONMENT[target], imageTag(target, revision), TIMEOUT_MS)
      const moments = await readMoments(client, { project: shape.name, environment: ENVIRONMENT[target], revision, begun })
      if (target === 'kustomize') await untilPodsAreSettled(env, shape)
      return { milliseconds: served - begun, moments: { ...moments, pushed, served: served - begun } }
    },
  }
}

/** What the remote's hook runs, as the lab's own sample has it. */
export function hintLine(env: LabEnv, address: string, project: string): string {
  const args = [
    'workflow',
    'signal',
    '--address',
    address,
    '--namespace',
    'default',
    '--workflow-id',
    repositoryId(project),
    '--name',
    'hint',
  ]
  return `${[env.temporal.binary, ...args].map(quote).join(' ')}\n`
}

export async function expectOk(answer: Promise<{ readonly ok: boolean }>): Promise<void> {
  const said = await answer
  if (!said.ok) throw new Error(`Slipway refused what the benchmark needs: ${JSON.stringify(said)}`)
}
