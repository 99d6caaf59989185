import { condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow'
import type { CreateRefResult, GitActivities } from '../activities/contract.ts'
import type { Actor } from '../domain/actor.ts'
import { shortSha } from '../domain/revision.ts'
import { absorbFacts, absorbReport } from '../domain/sprint/absorb.ts'
import type { SprintCommand } from '../domain/sprint/commands.ts'
import { sprintDetails } from '../domain/sprint/details.ts'
import { applyMade, denied, judge, type SprintEffect } from '../domain/sprint/judge.ts'
import { nextCommands } from '../domain/sprint/next.ts'
import { newSprint, type SprintState } from '../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../domain/sprint/steps.ts'
import { sprintWaits } from '../domain/sprint/waits.ts'
import { withdrawals } from '../domain/sprint/withdrawals.ts'
import type { ProjectSettings } from '../domain/settings.ts'
import { refuse, type Answer } from '../domain/wait.ts'
import { PHASE } from './attributes.ts'
import { historyIsLong, isIdle } from './continue-as-new.ts'
import { fields, readActor, readCommand } from './doors.ts'
import { environmentId, repositoryId } from './ids.ts'
import {
  commandUpdate,
  environmentReportSignal,
  factsSignal,
  hintSignal,
  requestSignal,
  settingsSignal,
  sprintPhaseSignal,
  sprintQuery,
  withdrawSignal,
  type DeployRequest,
} from './messages.ts'
import { reasonOf } from './persist.ts'
import { GIT_WHILE_SOMEBODY_WAITS } from './policies.ts'
import { openPost } from './post.ts'
import { MAIN_QUEUE } from './queues.ts'

export type SprintInput = {
  readonly project: string
  readonly version: string
  readonly settings: ProjectSettings
  readonly features: readonly string[]
  readonly by: Actor
  readonly startedAt: number
  readonly state?: SprintState
  readonly continueAfterEvents?: number
}

const git = proxyActivities<GitActivities>({ ...GIT_WHILE_SOMEBODY_WAITS, taskQueue: MAIN_QUEUE })

/** One version's way from develop to production: takes facts in, asks environments for deployments, answers people. */
export async function sprint(input: SprintInput): Promise<void> {
  const { project, version } = input
  const post = openPost()
  let state = input.state ?? newSprint({ ...input, now: input.startedAt })
  let told = ''
  const takenBack = new Set<string>()

  setHandler(factsSignal, (facts) => {
    state = absorbFacts(state, facts, Date.now())
  })
  setHandler(environmentReportSignal, (report) => {
    state = absorbReport(state, report, Date.now())
  })
  setHandler(settingsSignal, (settings) => {
    state = { ...state, settings }
  })
  setHandler(commandUpdate, (said) => {
    const by = readActor(fields(said).by)
    const command = readCommand(fields(said).command)
    return command.ok ? obey(command.value, by) : refuse(command.problem, nextCommands(state))
  })
  setHandler(sprintQuery, () => ({ state, waits: sprintWaits(state), next: nextCommands(state) }))

  const mayContinue = () => historyIsLong(input.continueAfterEvents) && isIdle(post.isEmpty())
  for (;;) {
    askEnvironments()
    takeBack()
    tellRepository()
    if (state.phase === 'aborted') break
    if (mayContinue()) await continueAsNew<typeof sprint>({ ...input, state })
    const seen = state
    await condition(() => state !== seen || mayContinue())
  }
  await condition(() => isIdle(post.isEmpty()))

  function askEnvironments(): void {
    for (const step of sprintSteps(state)) {
      const at = Date.now()
      state = markAsked(state, step, at)
      const by = { kind: 'automation', name: `sprint ${version}` } as const
      const { environment, id, candidate, tag, rewritten } = step
      const request: DeployRequest = { id, candidate, tag, version, by, at, rewritten }
      const isWanted = () => state.phase !== 'aborted' && state.asked[environment]?.at === at
      void post.deliver(environmentId(project, environment), requestSignal, request, isWanted)
    }
  }

  function takeBack(): void {
    for (const { environment, request, tag, reason, mayReturn } of withdrawals(state)) {
      const key = `${environment} ${request}`
      if (takenBack.has(key)) continue
      takenBack.add(key)
      post.send(environmentId(project, environment), withdrawSignal, { version, tag, reason, mayReturn })
    }
  }

  function tellRepository(): void {
    setCurrentDetails(sprintDetails(state))
    const features = state.features.map((feature) => feature.branch)
    const news = JSON.stringify([state.phase, features])
    if (news === told) return
    told = news
    upsertSearchAttributes([{ key: PHASE, value: state.phase }])
    post.send(repositoryId(project), sprintPhaseSignal, { version, phase: state.phase, features, closed: state.phase === 'aborted' })
  }

  /** Judge, make the ref where one is to be made, and judge what is true then. */
  async function obey(command: SprintCommand, by: Actor): Promise<Answer<{ text: string; notes: string[] }>> {
    const judged = judge(state, command, by, Date.now())
    if (!judged.ok) {
      state = denied(state, command, judged, by, Date.now())
      return judged
    }
    if (judged.effect === null) {
      state = judged.state
      return { ok: true, text: judged.text, notes: [] }
    }
    const [made, notes] = await Promise.all([make(judged.effect, by), command.kind === 'cut' ? unlistedMerges(judged.effect.revision) : []])
    if (typeof made === 'string') {
      const refusal = refuse(made, nextCommands(state), 'failed')
      state = denied(state, command, refusal, by, Date.now())
      return refusal
    }
    state = applyMade(state, command, judged, by, Date.now())
    // The repository reads the ref that was made just as one that a developer pushed.
    post.send(repositoryId(project), hintSignal)
    return { ok: true, text: made.created ? judged.text : `${judged.text} (it was there already)`, notes }
  }

  async function make(effect: SprintEffect, by: Actor): Promise<CreateRefResult | string> {
    const { name, revision } = effect
    const message = `${name}\n\nMade by Slipway for the sprint ${version}.`
    const wish = { project, name, revision, by, message }
    const summary = `${effect.kind === 'createTag' ? 'tag' : 'branch'} ${name} at ${shortSha(revision)}`
    try {
      return await (effect.kind === 'createTag' ? git.createTag : git.createBranch).executeWithOptions({ summary }, [wish])
    } catch (error) {
      return `${name} could not be made: ${reasonOf(error)}`
    }
  }

  async function unlistedMerges(develop: string): Promise<string[]> {
    const features = state.features.map((feature) => ({ branch: feature.branch, revision: feature.merged?.revision ?? null, merged: null }))
    try {
      const { merges } = await git.listUnlistedMerges.executeWithOptions({ summary: 'merges on develop that no listed feature explains' }, [
        { project, develop, features },
      ])
      return merges.map((merge) => `also ships, though nobody listed it: ${merge.subject} (${shortSha(merge.revision)})`)
    } catch (error) {
      return [`merges that nobody listed could not be looked for: ${reasonOf(error)}`]
    }
  }
}
