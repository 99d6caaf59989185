import { setTimeout as sleep } from 'node:timers/promises'
import type { RepositoryState } from '../../domain/repository/state.ts'
import { releaseBranchOf, type SprintState } from '../../domain/sprint/state.ts'
import { isOver } from '../../domain/sprint/phase.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import { chooseSprint } from '../choose-sprint.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { environmentPictures } from '../picture.ts'
import { liveVersions } from '../released.ts'
import type { Slipway } from '../typed/slipway.ts'
import { neutral } from '../view/neutral.ts'

const MENDABLE = ['live', 'rolledBack', 'mergingBack', 'hotfixing'] as const

/** Cuts the branch of a hotfix. A version whose sprint is over, or unknown to this Temporal, is opened anew for it. */
export async function hotfix(context: Context, input: { readonly version: string | undefined }): Promise<ExitCode> {
  const { io } = context
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const repository = await slipway.repository()
  const version = input.version ?? (await released(slipway, repository))
  if (!isOpen(repository, version)) {
    const opened = await slipway.openSprint({ version, as: 'hotfix', by })
    // Somebody else may have opened it meanwhile.
    if (!opened.ok && !isOpen(await slipway.repository(), version)) return tellAnswer(io, opened)
    if (opened.ok) tellAnswer(io, opened)
    await untilItKnows(slipway, version)
  }
  const code = tellAnswer(io, await slipway.command(version, { kind: 'hotfix' }, by))
  if (code === EXIT.done) printLines(io.out, steps((await slipway.sprint(version))?.state ?? null))
  return code
}

/** The open sprint that is live; else the version that production runs. */
async function released(slipway: Slipway, repository: RepositoryState): Promise<string> {
  const mendable = repository.sprints.filter((sprint) => MENDABLE.some((phase) => phase === sprint.phase))
  if (mendable.length > 0) return chooseSprint(slipway.project, mendable)
  const live = liveVersions(await environmentPictures(slipway, repository)).at(-1)
  return live ?? chooseSprint(slipway.project, repository.sprints)
}

function isOpen({ sprints }: RepositoryState, version: string): boolean {
  return sprints.some((sprint) => sprint.version === version)
}

/** Its workflow has to begin, and to hear what is on the remote: the branch is cut from there. */
async function untilItKnows(slipway: Slipway, version: string): Promise<void> {
  for (let left = READY_MS; left > 0; left -= ASK_EVERY_MS) {
    const state = (await slipway.sprint(version))?.state
    if (state !== undefined && !isOver(state.phase) && state.facts.sequence > 0) return
    await sleep(ASK_EVERY_MS)
  }
}

const READY_MS = 15_000
const ASK_EVERY_MS = 200

function steps(state: SprintState | null): string[] {
  if (state === null || state.hotfix === null) return []
  const [branch, release] = [state.hotfix, releaseBranchOf(state)].map(neutral)
  return [
    `  git fetch && git checkout ${branch}`,
    '  commit what mends it, and push',
    `  git checkout ${release} && git pull && git merge ${branch} && git push`,
    `  next: slipway status ${state.version} --watch`,
  ]
}
