import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  upsertSearchAttributes,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow'
import type { CreateRefResult, GitActivities } from '../activities/contract.ts'
import type { Actor } from '../domain/actor.ts'
import { cut } from '../domain/cut.ts'
import { shortSha } from '../domain/revision.ts'
import { absorbFacts, absorbMergeBack, absorbReport } from '../domain/sprint/absorb.ts'
import { claimOf } from '../domain/sprint/claim.ts'
import type { SprintCommand } from '../domain/sprint/commands.ts'
import { sprintDetails } from '../domain/sprint/details.ts'
import { applyMade, denied, judge } from '../domain/sprint/judge.ts'
import type { SprintEffect } from '../domain/sprint/judgement.ts'
import { nextCommands } from '../domain/sprint/next.ts'
import { isOver } from '../domain/sprint/phase.ts'
import { hasLaterCommits, newSprint, reviveSprint, type Beginning, type Release, type SprintState } from '../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../domain/sprint/steps.ts'
import { sprintWaits } from '../domain/sprint/waits.ts'
import { withdrawals } from '../domain/sprint/withdrawals.ts'
import { withRights, type ProjectSettings } from '../domain/settings.ts'
import { sprintPlace, type Signed } from '../domain/signed.ts'
import { recorded } from '../domain/timeline.ts'
import { refuse, type Answer, type Refusal } from '../domain/wait.ts'
import { PHASE, PROJECT, VERSION } from './attributes.ts'
import { historyIsLong, isIdle } from './continue-as-new.ts'
import { fields, readActor, readCommand } from './doors.ts'
import { evidence } from './evidence.ts'
import { openHearing, readEstate } from './hear.ts'
import { environmentId, evidenceId, mergeBackId, releasePageId, repositoryId } from './ids.ts'
import { mergeBack } from './merge-back.ts'
import {
  areYouThereSignal,
  commandUpdate,
  environmentReportSignal,
  factsSignal,
  followSignal,
  hintSignal,
  lookSignal,
  mergeBackReportSignal,
  mergedAsSignal,
  requestSignal,
  settingsSignal,
  sprintPhaseSignal,
  sprintQuery,
  stopSignal,
  targetsSignal,
  withdrawSignal,
  type DeployRequest,
} from './messages.ts'
import { reasonOf } from './persist.ts'
import { GIT_WHILE_SOMEBODY_WAITS } from './policies.ts'
import { openPost } from './post.ts'
import { releasePage } from './notes.ts'
import { MAIN_QUEUE } from './queues.ts'
import { noted, openMachineDoor } from './readers/hear-machine.ts'
import { mergeBackReport } from './readers/merge-back.ts'
import { projectSettings } from './readers/settings.ts'
import { environmentReport, sprintFacts } from './readers/sprint.ts'

export type SprintInput = {
  readonly project: string
  readonly version: string
  readonly settings: ProjectSettings
  readonly features: readonly string[]
  readonly by: Actor
  readonly startedAt: number
  /** How it begins; left out: anew. */
  readonly beginning?: Beginning
  /** What signed words to an earlier sprint of this version have used up. */
  readonly nonces?: readonly string[]
  readonly state?: SprintState
  readonly continueAfterEvents?: number
}

const LONGEST_LOOK_MS = 3_600_000

const git = proxyActivities<GitActivities>({ ...GIT_WHILE_SOMEBODY_WAITS, taskQueue: MAIN_QUEUE })

/** One version's way from develop to production: takes facts in, asks environments for deployments, answers people. */
export async function sprint(input: SprintInput): Promise<void> {
  const { project, version } = input
  const post = openPost()
  let state = input.state === undefined ? newSprint({ ...input, now: input.startedAt }) : reviveSprint(input.state)
  let told = ''
  const takenBack = new Set<string>()
  const following = new Map<string, string>()
  let heard = ''
  let watching = false
  const published = new Set<string>()

  /** What machines say is read first: anybody who reaches Temporal can send it. */
  const machineDoor = openMachineDoor((problem) => {
    state = { ...state, entries: noted(state.entries, Date.now(), problem) }
  })
  machineDoor(factsSignal, sprintFacts, (facts) => {
    state = absorbFacts(state, facts, Date.now())
  })
  machineDoor(environmentReportSignal, environmentReport, (report) => {
    state = absorbReport(state, report, Date.now())
  })
  machineDoor(settingsSignal, projectSettings, (settings) =>
    patched('own-rights') ? takeSettings(settings) : void (state = { ...state, settings }),
  )
  machineDoor(mergeBackReportSignal, mergeBackReport, (report) => {
    state = absorbMergeBack(state, report, Date.now())
  })
  setHandler(areYouThereSignal, () => undefined)
  const hear = openHearing({
    project,
    place: sprintPlace(version),
    nonces: () => state.nonces,
    remember: (nonces) => void (state = { ...state, nonces }),
    knows: () => true,
    learn,
    deny: (action, by, refusal) => record(`${action} was denied: ${refusal.reason}`, by),
  })
  const record = (text: string, by: Actor) => {
    state = { ...state, entries: recorded(state.entries, Date.now(), 'denied', text, by) }
  }
  setHandler(commandUpdate, (said) => {
    const named = readCommand(fields(said).command)
    if (!named.ok) {
      record(`an unknown command was denied: ${named.problem}`, readActor(fields(said).by))
      return refuse(named.problem, nextCommands(state))
    }
    const { kind } = named.value
    return hear(kind, said, (message, by, signed) => {
      const command = readCommand(fields(message).command)
      // Of a signed word counts what was signed, also when it is another command.
      if (command.ok && command.value.kind === kind) return obey(command.value, by, signed)
      const refusal = refuse(command.ok ? `what was signed is ${command.value.kind}, not ${kind}` : command.problem, nextCommands(state))
      record(`${kind} was denied: ${refusal.reason}`, by)
      return refusal
    })
  })
  setHandler(sprintQuery, () => ({ state, waits: sprintWaits(state), next: nextCommands(state) }))

  const mayContinue = () => historyIsLong(input.continueAfterEvents) && isIdle(post.isEmpty())
  for (;;) {
    if (patched('follow')) follow()
    askEnvironments()
    takeBack()
    tellMergeBack()
    publish()
    tellRepository()
    if (isOver(state.phase)) break
    if (mayContinue()) await continueAsNew<typeof sprint>({ ...input, state })
    const seen = state
    await condition(() => state !== seen || mayContinue())
  }
  if (patched('evidence')) await beginEvidence()
  await condition(() => isIdle(post.isEmpty()))

  /** Histories disappear with Temporal's retention. What is kept of them is nothing that an end waits for. */
  async function beginEvidence(): Promise<void> {
    await startChild(evidence, {
      workflowId: evidenceId(project, version),
      args: [{ project, version, anew: true, atTheEnd: true }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `the evidence of ${version} of ${project}, kept at the end of its sprint`,
      typedSearchAttributes: [
        { key: PROJECT, value: project },
        { key: VERSION, value: version },
      ],
    }).catch(() => {
      // One of an earlier end still runs, and gathers the same.
    })
  }

  /** Who may do what is not taken from a Signal, which anybody can send who reaches Temporal. */
  function takeSettings(settings: ProjectSettings): Promise<void> {
    state = { ...state, settings: withRights(settings, state.settings.rights) }
    return readEstate(project, learn)
  }

  function learn({ rights }: ProjectSettings): void {
    if (JSON.stringify(rights) !== JSON.stringify(state.settings.rights)) state = { ...state, settings: withRights(state.settings, rights) }
  }

  /** The environments that release branches and tags feed know who is open, and who needs a shared one for itself. */
  function follow(): void {
    const open = !isOver(state.phase)
    for (const { name, from } of state.settings.environments) {
      if (from === 'develop') continue
      const claim = from === 'release' ? claimOf(state) : null
      const news = JSON.stringify([claim, open])
      if (following.get(name) === news) continue
      following.set(name, news)
      post.send(environmentId(project, name), followSignal, { version, claim, open, at: Date.now() })
    }
  }

  function askEnvironments(): void {
    for (const step of sprintSteps(state)) {
      const at = Date.now()
      state = markAsked(state, step, at)
      const by = { kind: 'automation', name: `sprint ${version}` } as const
      const { environment, id, candidate, tag, rewritten } = step
      const request: DeployRequest = { id, candidate, tag, version, by, at, rewritten }
      const isWanted = () => !isOver(state.phase) && state.asked[environment]?.at === at
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

  /** What is live has a page on the forge, where the project has one. One that is there already stays as it is. */
  function publish(): void {
    const { live } = state
    if (live === null || live.assumed === true || published.has(live.tag) || !patched('release-page')) return
    published.add(live.tag)
    void beginReleasePage(live.tag)
  }

  async function beginReleasePage(tag: string): Promise<void> {
    try {
      await startChild(releasePage, {
        workflowId: releasePageId(project, tag),
        args: [{ project, tag }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        staticSummary: `the release page of ${tag} of ${project}`,
        typedSearchAttributes: [
          { key: PROJECT, value: project },
          { key: VERSION, value: version },
        ],
      })
    } catch {
      // An earlier run of this sprint began it.
    }
  }

  /** A merge-back that is under way learns what has moved, and that it has to stop. */
  function tellMergeBack(): void {
    const { mergeBack: picture, phase, facts } = state
    if (picture === null || picture.ended || picture.stopped !== null) return
    const to = mergeBackId(project, picture.tag)
    const news = JSON.stringify([picture.tag, phase, facts.tips ?? [], facts.younger ?? []])
    if (news === heard) return
    heard = news
    if (phase !== 'mergingBack') return post.send(to, stopSignal, { reason: `${version} is ${phase}` })
    post.send(to, targetsSignal, { branches: facts.younger ?? [] })
    post.send(to, lookSignal)
    void watchMergeBack(picture.tag)
  }

  /** A branch may have got the release unseen, and a workflow may have been ended: it is asked to look from time to time. */
  async function watchMergeBack(tag: string): Promise<void> {
    if (watching) return
    watching = true
    const isUnderWay = () => state.phase === 'mergingBack' && state.mergeBack?.tag === tag && !state.mergeBack.ended
    for (let pauseMs = 60_000; !(await condition(() => !isUnderWay(), pauseMs)); pauseMs = Math.min(LONGEST_LOOK_MS, 2 * pauseMs)) {
      try {
        await getExternalWorkflowHandle(mergeBackId(project, tag)).signal(lookSignal)
      } catch {
        // Its last report may be on its way.
        if (!(await condition(() => !isUnderWay(), 5000))) mergeBackIsGone(tag)
      }
    }
    watching = false
  }

  function mergeBackIsGone(tag: string): void {
    const targets = state.mergeBack?.targets ?? []
    const stopped = 'its workflow ended without a word; slipway finish begins it anew'
    state = absorbMergeBack(state, { tag, sequence: Date.now(), targets, stopped, ended: true }, Date.now())
  }

  function tellRepository(): void {
    setCurrentDetails(sprintDetails(state))
    const features = state.features.map((feature) => feature.branch)
    const news = JSON.stringify([state.phase, features])
    if (news === told) return
    told = news
    upsertSearchAttributes([{ key: PHASE, value: state.phase }])
    const closed = isOver(state.phase)
    const nonces = closed && state.nonces !== undefined ? { nonces: state.nonces } : {}
    post.send(repositoryId(project), sprintPhaseSignal, { version, phase: state.phase, features, closed, ...nonces })
  }

  /** Judge, make the ref where one is to be made, and judge what is true then. */
  async function obey(command: SprintCommand, by: Actor, signed?: Signed): Promise<Answer<{ text: string; notes: string[] }>> {
    const judged = judge(state, command, by, Date.now())
    if (!judged.ok) {
      const named = command.kind === 'finish' && hasLaterCommits(state) ? await laterCommits() : ''
      return deny(command, named === '' ? judged : { ...judged, reason: `${judged.reason}: ${named}` }, by)
    }
    const refs = judged.effects.flatMap((effect) => (effect.kind === 'createBranch' || effect.kind === 'createTag' ? [effect] : []))
    const [first] = refs
    if (first === undefined) {
      state = judged.state
      for (const effect of judged.effects) tellEffect(effect, by, signed)
      return { ok: true, text: judged.text, notes: [] }
    }
    const [made, notes] = await Promise.all([makeAll(refs, by), command.kind === 'cut' ? unlistedMerges(first.revision) : []])
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

  function deny(command: SprintCommand, refusal: Refusal, by: Actor): Refusal {
    state = denied(state, command, refusal, by, Date.now())
    return refusal
  }

  /** What is on the release branch and was not released, by name. */
  async function laterCommits(): Promise<string> {
    const [from, to] = [state.release?.revision, state.facts.release?.revision]
    if (from === undefined || to === undefined) return ''
    try {
      const { commits, total } = await git.listCommits.executeWithOptions({ summary: 'commits after the release' }, [{ project, from, to }])
      const names = commits.slice(0, 5).map(({ revision, subject }) => `${shortSha(revision)} ${cut(subject, 80)}`)
      return [...names, ...(total > names.length ? [`and ${total - names.length} more`] : [])].join(', ')
    } catch {
      // The refusal holds without their names.
      return ''
    }
  }

  function tellEffect(effect: SprintEffect, by: Actor, signed: Signed | undefined): void {
    if (effect.kind === 'mergeBack') void beginMergeBack(effect.release, by)
    if (effect.kind !== 'mergedAs' || state.mergeBack === null) return
    const { target, revision } = effect
    post.send(mergeBackId(project, state.mergeBack.tag), mergedAsSignal, {
      target,
      revision,
      by,
      ...(signed === undefined ? {} : { signed }),
    })
  }

  async function beginMergeBack({ tag, revision }: Release, by: Actor): Promise<void> {
    const { develop, master } = state.settings.branches
    const [branches, younger] = [[develop, master], state.facts.younger ?? []]
    const { rights } = state.settings
    const handedOn = {
      ...(input.continueAfterEvents === undefined ? {} : { continueAfterEvents: input.continueAfterEvents }),
      ...(rights?.verified === true ? { heard: rights } : {}),
    }
    for (let left = 5; left > 0; left--) {
      try {
        await startChild(mergeBack, {
          workflowId: mergeBackId(project, tag),
          args: [{ project, version, tag, revision, branches, younger, by, startedAt: Date.now(), ...handedOn }],
          parentClosePolicy: ParentClosePolicy.ABANDON,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          staticSummary: `${tag} of ${project} back into ${[...branches, ...younger].join(', ')}`,
          typedSearchAttributes: [
            { key: PROJECT, value: project },
            { key: VERSION, value: version },
          ],
        })
        return
      } catch {
        // One of the same tag that was stopped has not ended yet.
        await sleep(2000, { summary: `${mergeBackId(project, tag)} still runs; begin it again` })
      }
    }
    mergeBackIsGone(tag)
  }

  type RefEffect = Extract<SprintEffect, { kind: 'createBranch' | 'createTag' }>

  /** @returns the last one, or why one of them could not be made */
  async function makeAll(effects: readonly RefEffect[], by: Actor): Promise<CreateRefResult | string> {
    let last: CreateRefResult | string = 'nothing was to be made'
    for (const effect of effects) {
      last = await make(effect, by)
      if (typeof last === 'string') return last
    }
    return last
  }

  async function make(effect: RefEffect, by: Actor): Promise<CreateRefResult | string> {
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
