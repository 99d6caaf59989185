import {
  condition,
  continueAsNew,
  ParentClosePolicy,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { GitActivities, HouseActivities, ImageActivities } from '../activities/contract.ts'
import type { Actor } from '../domain/actor.ts'
import { authorise, type Action, type RepositoryAction } from '../domain/authorise.ts'
import { absorbBuild, absorbLook, absorbOutage, forgetFailure, forgetProblems, markRef } from '../domain/repository/absorb.ts'
import { repositoryDetails } from '../domain/repository/details.ts'
import { judgeOpen, judgeStart } from '../domain/repository/judge-start.ts'
import { closeSprint, knowSprint, wantVersion } from '../domain/repository/sprints.ts'
import { sprintFacts } from '../domain/repository/sprint-facts.ts'
import { buildOf, newRepository, type RepositoryState } from '../domain/repository/state.ts'
import { repositorySteps, type RepositoryStep } from '../domain/repository/steps.ts'
import { branchRef, shortRef, tagRef } from '../domain/ref-rules.ts'
import { formatReleaseTag } from '../domain/release-tag.ts'
import { shortSha, type Revision } from '../domain/revision.ts'
import { withRights, type ProjectSettings } from '../domain/settings.ts'
import { REPOSITORY_PLACE } from '../domain/signed.ts'
import type { Beginning } from '../domain/sprint/state.ts'
import { parseVersion } from '../domain/version.ts'
import { recorded } from '../domain/timeline.ts'
import { refuse, type Answer, type Refusal } from '../domain/wait.ts'
import { PHASE, PROJECT, REVISION, VERSION } from './attributes.ts'
import { build } from './build.ts'
import { historyIsLong, isIdle } from './continue-as-new.ts'
import { fields, readOpen, readStart } from './doors.ts'
import { openHearing } from './hear.ts'
import { buildId, environmentId, sprintId } from './ids.ts'
import {
  buildReportSignal,
  factsSignal,
  hintSignal,
  openSprintUpdate,
  repositoryQuery,
  requestSignal,
  retryBuildsUpdate,
  settingsChangedSignal,
  settingsSignal,
  sprintPhaseSignal,
  startSprintUpdate,
  unwantedSignal,
  type DeployRequest,
  type OpenSprint,
  type StartSprint,
} from './messages.ts'
import { persist, reasonOf } from './persist.ts'
import { GIT, GIT_WHILE_SOMEBODY_WAITS, LIGHT, NAME } from './policies.ts'
import { openPost } from './post.ts'
import { BUILD_QUEUE, MAIN_QUEUE } from './queues.ts'
import { noted, openMachineDoor } from './readers/hear-machine.ts'
import { buildReport, sprintPhase } from './readers/repository.ts'
import { sprint } from './sprint.ts'

export type RepositoryInput = {
  readonly project: string
  readonly state?: RepositoryState
  /** The newest sequence that a sprint was told. */
  readonly sequence?: number
  /** Continue as new after so many events, earlier than the server suggests; the sprints that it starts do the same. */
  readonly continueAfterEvents?: number
}

const LONGEST_PAUSE_MS = 600_000

const git = proxyActivities<GitActivities>({ ...GIT, taskQueue: MAIN_QUEUE })
const gitNow = proxyActivities<GitActivities>({ ...GIT_WHILE_SOMEBODY_WAITS, taskQueue: MAIN_QUEUE })
const images = proxyActivities<ImageActivities>({ ...NAME, taskQueue: BUILD_QUEUE })
const house = proxyActivities<HouseActivities>({ ...LIGHT, taskQueue: MAIN_QUEUE })

/** The only reader of the remote's refs: looks, builds what the image rule names, hands over, and tells the sprints. */
export async function repository(input: RepositoryInput): Promise<void> {
  const { project } = input
  const post = openPost()
  let state = input.state ?? newRepository(project)
  let sequence = input.sequence ?? 0
  let hinted = true
  let looking = false
  const underway = new Set<string>()
  const told = new Map<string, string>()
  const unwanted = new Set<string>()

  setHandler(hintSignal, () => {
    hinted = true
  })
  /** What machines say is read first: anybody who reaches Temporal can send it. */
  const machineDoor = openMachineDoor((problem) => {
    state = { ...state, entries: noted(state.entries, Date.now(), problem) }
  })
  machineDoor(buildReportSignal, buildReport, (report) => {
    if (buildOf(state, report.revision)?.status === 'built') return
    const since = Date.now()
    state = absorbBuild(
      state,
      report.ok
        ? { status: 'built', revision: report.revision, since, candidate: report.candidate }
        : { status: 'failed', revision: report.revision, since, reason: report.reason, log: report.log },
    )
  })
  machineDoor(sprintPhaseSignal, sprintPhase, ({ version, phase, features, closed, nonces }) => {
    const known = state.sprints.find((open) => open.version === version)?.features
    if (!closed && features.some((branch) => known?.includes(branch) !== true)) hinted = true
    state = closed ? closeSprint(state, version, nonces, Date.now()) : knowSprint(state, { version, phase, features })
  })
  const hear = openHearing({
    project,
    place: REPOSITORY_PLACE,
    nonces: () => state.nonces,
    remember: (nonces) => void (state = { ...state, nonces }),
    // A sprint that begins reads the estate by itself, and a build that failed was built by it.
    knows: () => true,
    learn: ({ rights }) => {
      if (state.settings !== null) state = { ...state, settings: withRights(state.settings, rights) }
    },
    deny: (action, by, refusal) => void deny(action, by, refusal),
  })
  setHandler(startSprintUpdate, (wish) => hear('startSprint', wish, (said, by) => startSprint(readStart(said, by))))
  setHandler(openSprintUpdate, (wish) => {
    const action = fields(wish)['as'] === 'adopt' ? 'adoptSprint' : 'openHotfix'
    return hear(action, wish, (said, by) => {
      const opens = readOpen(said, by)
      const isMeant = (opens.as === 'adopt') === (action === 'adoptSprint')
      return isMeant ? openSprint(opens, action) : deny(action, by, refuse('what was signed is not what was sent', [], 'rights'))
    })
  })
  setHandler(retryBuildsUpdate, (wish) => hear('retryBuilds', wish, (_said, by) => retryBuilds(by)))
  setHandler(repositoryQuery, () => state)

  await house.ensureEnvironments
    .executeWithOptions({ summary: 'an environment workflow for each environment of the estate' }, [{ project }])
    .catch((error: unknown) => (state = absorbOutage(state, reasonOf(error), Date.now())))
  for (const known of state.builds) if (known.status === 'building') void startBuild(known)
  void takeSteps()
  void tellSprints()
  const mayContinue = () => isLong() && isIdle(post.isEmpty(), underway.size === 0, !looking)
  for (;;) {
    await condition(() => (hinted && !isLong()) || mayContinue(), sweepMs())
    if (mayContinue()) await continueAsNew<typeof repository>({ ...input, state, sequence })
    if (!isLong()) await look()
  }

  function isLong(): boolean {
    return historyIsLong(input.continueAfterEvents)
  }

  function sweepMs(): number {
    return (state.settings?.sweepSeconds ?? 60) * 1000
  }

  /** Reads the remote until nothing is left to read. What is away is an outage, never a deletion. */
  async function look(): Promise<void> {
    looking = true
    for (let more = true; more;) {
      hinted = false
      const features = [...new Set(state.sprints.flatMap((open) => open.features))]
      const summary = state.cursor === null ? 'look at the remote for the first time' : 'look what changed on the remote'
      const seen = await persist(
        () =>
          git.look.executeWithOptions({ summary }, [
            {
              project,
              cursor: state.cursor,
              settingsHash: state.settings?.hash ?? null,
              features,
              versions: state.sprints.map((open) => open.version),
            },
          ]),
        {
          onRetry: (retry) => {
            if (retry !== null) state = absorbOutage(state, retry.reason, Date.now(), retry.at)
          },
          wanted: () => !isLong(),
        },
      )
      if (seen.ok) {
        state = absorbLook(state, seen.value, Date.now())
        if (seen.value.settings !== null) tellSettings(seen.value.settings)
      } else if (seen.failure !== null) state = absorbOutage(state, seen.failure.reason, Date.now())
      more = seen.ok && seen.value.more
    }
    looking = false
  }

  /** The estate says something else now. Environments look for themselves: who decides there is not taken from a Signal. */
  function tellSettings(settings: ProjectSettings): void {
    for (const { version } of state.sprints) post.send(sprintId(project, version), settingsSignal, settings)
    if (!patched('settings-changed')) return
    for (const { name } of settings.environments) post.send(environmentId(project, name), settingsChangedSignal)
  }

  /** Every step runs by itself, once at a time; they follow from the state, so nothing is lost when one fails. */
  async function takeSteps(): Promise<never> {
    for (;;) {
      const open = () => (isLong() ? [] : repositorySteps(state).filter((step) => !underway.has(keyOf(step))))
      await condition(() => open().length > 0)
      for (const step of open()) {
        underway.add(keyOf(step))
        void take(step).finally(() => underway.delete(keyOf(step)))
      }
    }
  }

  async function take(step: RepositoryStep): Promise<void> {
    switch (step.kind) {
      case 'build':
        return startBuild(step)
      case 'name':
        return nameImages(step)
      case 'handOver':
        return handOver(step)
      default:
        return step satisfies never
    }
  }

  async function startBuild({ revision, ref }: { revision: Revision; ref: string }, pauseMs = 5000): Promise<void> {
    if (buildOf(state, revision) === undefined) state = absorbBuild(state, { status: 'building', revision, since: Date.now(), ref })
    const isOver = () => buildOf(state, revision)?.status !== 'building'
    const failed = (reason: string) => {
      if (!isOver()) state = absorbBuild(state, { status: 'failed', revision, since: Date.now(), reason, log: null })
    }
    const child = await startChild(build, {
      workflowId: buildId(project, revision),
      args: [{ project, revision, ...(state.settings?.announced === true ? { announced: true as const } : {}) }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `images of ${shortRef(ref)} at ${shortSha(revision)}`,
      typedSearchAttributes: [
        { key: PROJECT, value: project },
        { key: REVISION, value: revision },
      ],
    }).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return failed(`its workflow could not be started: ${reasonOf(error)}`)
      // One that runs already reports here too. Should it end unheard, another takes its place.
      const next = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)
      void condition(isOver, pauseMs).then((over) => (over ? undefined : startBuild({ revision, ref }, next)))
    })
    child?.result().catch((error: unknown) => failed(`the build workflow ended without a word: ${reasonOf(error)}`))
  }

  async function nameImages({ ref, revision, candidate, tag, move }: Extract<RepositoryStep, { kind: 'name' }>): Promise<void> {
    const named = await persist(
      () =>
        images.nameImages.executeWithOptions({ summary: `name the images of ${shortSha(revision)} ${tag}` }, [
          { project, candidate, tag, move },
        ]),
      {
        onRetry: (retry) => {
          if (retry === null) return
          // An earlier version did not tell when it is tried again.
          state = markRef(state, ref, revision, { retry: retry.reason, ...(patched('next-try') ? { retryAt: retry.at } : {}) })
        },
        wanted: () => !isLong() && state.refs.some((tracked) => tracked.ref === ref && tracked.revision === revision),
      },
    )
    if (named.ok) state = markRef(state, ref, revision, { named: true })
    else if (named.failure !== null)
      state = markRef(state, ref, revision, { problem: `its images could not be named ${tag}: ${named.failure.reason}` })
  }

  async function handOver(step: Extract<RepositoryStep, { kind: 'handOver' }>): Promise<void> {
    const { environment, ref, candidate, tag, rewritten } = step
    const { revision } = candidate
    const version = state.sprints.find((open) => open.phase === 'integrating')?.version ?? null
    const by = { kind: 'automation', name: 'develop' } as const
    const request: DeployRequest = { id: tag, candidate, tag, version, by, at: Date.now(), rewritten }
    const isWanted = () => !isLong() && state.refs.some((tracked) => tracked.ref === ref && tracked.revision === revision)
    if (await post.deliver(environmentId(project, environment), requestSignal, request, isWanted))
      state = { ...state, handedOver: { ...state.handedOver, [environment]: revision } }
  }

  /** A build that cannot be done now gives way to what was pushed after it. */
  function giveUpBuilds(): void {
    for (const { status, revision } of state.builds) {
      if (status !== 'building' || unwanted.has(revision) || state.refs.some((tracked) => tracked.revision === revision)) continue
      unwanted.add(revision)
      post.send(buildId(project, revision), unwantedSignal)
    }
  }

  function retryBuilds(by: Actor): Answer<{ text: string; revisions: string[] }> {
    const right = refusalFor('retryBuilds', by)
    if (right !== null) return deny('retryBuilds', by, right)
    const failed = state.builds.filter(
      (known) => known.status === 'failed' && state.refs.some((tracked) => tracked.revision === known.revision),
    )
    const mended = forgetProblems(state)
    if (failed.length + mended.forgotten === 0)
      return deny('retryBuilds', by, refuse('no build failed that a branch or tag still points to'))
    state = mended.state
    for (const { revision } of failed) state = forgetFailure(state, revision)
    const count = failed.length + mended.forgotten
    const text = count === 1 ? 'one build is tried again' : `${count} builds are tried again`
    return { ok: true, text, revisions: failed.map((known) => known.revision) }
  }

  /** The whole picture to each open sprint whenever it has changed. */
  async function tellSprints(): Promise<never> {
    const news = () =>
      state.sprints.flatMap(({ version }) => {
        const facts = sprintFacts(state, version)
        return told.get(version) === JSON.stringify(facts) ? [] : [{ version, facts }]
      })
    for (let seen: RepositoryState | null = null; ;) {
      await condition(() => state !== seen)
      seen = state
      setCurrentDetails(repositoryDetails(state))
      giveUpBuilds()
      for (const { version, facts } of news()) {
        told.set(version, JSON.stringify(facts))
        sequence++
        post.send(sprintId(project, version), factsSignal, { ...facts, sequence })
      }
    }
  }

  async function startSprint(wish: StartSprint): Promise<Answer<{ text: string; version: string }>> {
    const right = refusalFor('startSprint', wish.by)
    if (right !== null) return deny('startSprint', wish.by, right)
    const early = judgeStart(state.sprints, { ...wish, released: false })
    if (early !== null) return deny('startSprint', wish.by, early)
    const refs = [tagRef(`v${wish.version}`), branchRef(`${state.settings?.branches.releasePrefix ?? 'release-'}${wish.version}`)]
    const read = await gitNow.readRefs
      .executeWithOptions({ summary: `is ${wish.version} released already?` }, [{ project, refs }])
      .catch((error: unknown) => reasonOf(error))
    if (typeof read === 'string') return deny('startSprint', wish.by, unread('remote', read))
    const settings = state.settings ?? (await knownSettings())
    if (typeof settings === 'string') return deny('startSprint', wish.by, unread('estate', settings))
    const late = refusalFor('startSprint', wish.by, settings)
    if (late !== null) return deny('startSprint', wish.by, late)
    const released = read.refs.some((ref) => ref.ref === refs[0] && ref.revision !== null)
    const no = judgeStart(state.sprints, { ...wish, released })
    if (no !== null) return deny('startSprint', wish.by, no)

    return opened(wish.version, { kind: 'new' }, await open(settings, wish, { kind: 'new' }, read.refs))
  }

  /** A version whose sprint is over, for a hotfix; or one that was released, or cut, before Slipway came. */
  async function openSprint(
    { version, as, by }: OpenSprint,
    action: 'openHotfix' | 'adoptSprint',
  ): Promise<Answer<{ text: string; version: string }>> {
    const right = refusalFor(action, by)
    if (right !== null) return deny(action, by, right)
    const early = judgeOpen(state.sprints, { version, as }, null)
    if (early !== null) return deny(action, by, early)
    const settings = await knownSettings()
    if (typeof settings === 'string') return deny(action, by, unread('estate', settings))
    const now = refusalFor(action, by, settings)
    if (now !== null) return deny(action, by, now)
    const branch = branchRef(`${settings.branches.releasePrefix}${version}`)
    const refs = [...releaseTags(version).map(tagRef), branch]
    const read = await gitNow.readRefs
      .executeWithOptions({ summary: `what the remote has of ${version}` }, [{ project, refs }])
      .catch((error: unknown) => reasonOf(error))
    if (typeof read === 'string') return deny(action, by, unread('remote', read))
    const there = read.refs.flatMap(({ ref, revision }) => (revision === null ? [] : [{ ref, revision }]))
    const tags = there.flatMap(({ ref, revision }) => (ref === branch ? [] : [{ tag: shortRef(ref), revision }]))
    const late = judgeOpen(state.sprints, { version, as }, { tags, branch: there.some(({ ref }) => ref === branch) })
    if (late !== null) return deny(action, by, late)
    const release = tags.at(-1) ?? null
    const beginning: Beginning = as === 'hotfix' && release !== null ? { kind: 'hotfix', release } : { kind: 'adopt', release }
    return opened(version, beginning, await open(settings, { version, features: [], by }, beginning, there))
  }

  /** No async function: how many ticks pass before a command is part of what a history replays. @returns why it did not start */
  function open(
    settings: ProjectSettings,
    { version, features, by }: StartSprint,
    beginning: Beginning,
    refs: readonly { readonly ref: string; readonly revision: string | null }[],
  ): Promise<unknown> {
    const phase = beginning.kind === 'new' || beginning.release === null ? 'integrating' : 'live'
    state = knowSprint({ ...state, settings }, { version, phase, features })
    state = wantVersion(state, refs, Date.now())
    const nonces = state.endedNonces?.[version]
    const handedOn = {
      ...(nonces === undefined ? {} : { nonces }),
      ...(beginning.kind === 'new' ? {} : { beginning }),
      ...(input.continueAfterEvents === undefined ? {} : { continueAfterEvents: input.continueAfterEvents }),
    }
    return startChild(sprint, {
      workflowId: sprintId(project, version),
      args: [{ project, version, settings, features, by, startedAt: Date.now(), ...handedOn }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `the sprint ${version} of ${project}`,
      typedSearchAttributes: [
        { key: PROJECT, value: project },
        { key: VERSION, value: version },
        { key: PHASE, value: phase },
      ],
    }).catch((error: unknown) => reasonOf(error))
  }

  function opened(version: string, beginning: Beginning, started: unknown): Answer<{ text: string; version: string }> {
    if (typeof started === 'string') {
      state = closeSprint(state, version)
      return refuse(`the sprint's workflow could not be started: ${started}`, [`slipway status ${version}`], 'failed')
    }
    told.delete(version)
    hinted = true
    return { ok: true, text: BEGUN[beginning.kind](version), version }
  }

  /** Before anything is known of the project, whoever has a name may: it is judged again when the estate was read. */
  function refusalFor(action: RepositoryAction, by: Actor, settings: ProjectSettings | null = state.settings): Refusal | null {
    return authorise(action, by, { where: project, rights: settings?.rights ?? null, approvers: [], guarded: true })
  }

  function deny(action: Action, by: Actor, refusal: Refusal): Refusal {
    state = { ...state, entries: recorded(state.entries, Date.now(), 'denied', `${action} was denied: ${refusal.reason}`, by) }
    return refusal
  }

  function knownSettings(): Promise<ProjectSettings | string> {
    if (state.settings !== null) return Promise.resolve(state.settings)
    return gitNow.readSettings
      .executeWithOptions({ summary: 'what the estate says of the project' }, [{ project }])
      .catch((error: unknown) => reasonOf(error))
  }
}

function unread(what: 'remote' | 'estate', reason: string): Refusal {
  return refuse(`the ${what} cannot be read: ${reason}`, ['slipway doctor'], 'failed')
}

const BEGUN: Readonly<Record<Beginning['kind'], (version: string) => string>> = {
  new: (version) => `the sprint ${version} has begun`,
  adopt: (version) => `the sprint ${version} is taken over`,
  hotfix: (version) => `the sprint ${version} is open again, for a hotfix`,
}

/** v1.0.0, v1.0.0-hotfix1, …: a version that needed more hotfixes than this is history. */
function releaseTags(version: string): string[] {
  const parsed = parseVersion(version)
  if (!parsed.ok) return []
  return Array.from({ length: 51 }, (_, hotfix) => formatReleaseTag({ version: parsed.value, hotfix }))
}

function keyOf(step: RepositoryStep): string {
  switch (step.kind) {
    case 'build':
      return `build ${step.revision}`
    case 'name':
      return `name ${step.ref} ${step.revision}`
    case 'handOver':
      return `hand ${step.environment}`
    default:
      return step satisfies never
  }
}
