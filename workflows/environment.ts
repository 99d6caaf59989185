import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  WorkflowIdReusePolicy,
  CancellationScope,
  isCancellation,
} from '@temporalio/workflow'
import type { DeployActivities, Surveyed } from '../activities/contract.ts'
import { takeAnnouncements } from '../domain/environment/announcements.ts'
import { absorbReport, startDeployment } from '../domain/environment/deployments.ts'
import { environmentDetails } from '../domain/environment/details.ts'
import { judgeRetry } from '../domain/environment/judge-retry.ts'
import { judgeSignOff } from '../domain/environment/judge-sign-off.ts'
import { judgeApprove, judgeReject, judgeWithdrawApproval } from '../domain/environment/judge-vote.ts'
import { denied, type Judged } from '../domain/environment/judged.ts'
import type { Action } from '../domain/environment/authorise.ts'
import { absorbPreparation, absorbUnpreparable, beginPreparation } from '../domain/environment/preparation.ts'
import { concernedVersions, reportFor } from '../domain/environment/report.ts'
import {
  absorbStartPlan,
  absorbUnplannable,
  absorbUnseen,
  isPlanned,
  planMoved,
  planSeen,
  wholeOf,
  type PlanAnswer,
} from '../domain/environment/plan-seen.ts'
import { absorbRequest, setProblem, setStage, type Problem } from '../domain/environment/requests.ts'
import {
  newEnvironment,
  reviveEnvironment,
  verifiedHere,
  type Approval,
  type Deployed,
  type DeployRequest,
  type EnvironmentState,
  type Preparation,
} from '../domain/environment/state.ts'
import { nextLapse, withoutLapsed } from '../domain/environment/approvals.ts'
import { absorbNoSurvey, absorbSurvey, judgeAdopt, wantsSurvey } from '../domain/environment/adopt.ts'
import { judgeBreakGlass } from '../domain/environment/judge-break-glass.ts'
import { judgeConfirm } from '../domain/environment/judge-confirm.ts'
import { absorbFreeze, frozenFor, mayStopFor, mustAskFreeze } from '../domain/environment/freeze.ts'
import { judgeOverride } from '../domain/environment/judge-override.ts'
import { judgeRollback, type RollbackWish } from '../domain/environment/judge-rollback.ts'
import { absorbLateRefusal } from '../domain/environment/late-refusal.ts'
import { absorbFollowing, dropFollower, reservedBy } from '../domain/environment/reservation.ts'
import { judgeResolve, type ResolveWish } from '../domain/environment/judge-resolve.ts'
import { absorbKept, freeName } from '../domain/environment/kept.ts'
import { heldBy, heldByPeople, judgeHold, judgeRelease, type HoldKind } from '../domain/environment/lock.ts'
import { judgeLift } from '../domain/environment/veto.ts'
import { judgeVeto } from '../domain/environment/judge-veto.ts'
import { liveNonces, withoutNonces } from '../domain/nonces.ts'
import { environmentPlace, type Word } from '../domain/signed.ts'
import { nonceOf } from '../domain/statement.ts'
import { settingsOfEnvironment, type ProjectSettings } from '../domain/settings.ts'
import { refuse, type Answer } from '../domain/wait.ts'
import { actorName, type Actor } from '../domain/actor.ts'
import { goesBackFirst, takesPlace } from '../domain/environment/takes-place.ts'
import { absorbWithdraw } from '../domain/environment/withdraw.ts'
import { environmentStep, type EnvironmentStep } from '../domain/environment/steps.ts'
import { environmentCommands, environmentWaits } from '../domain/environment/waits.ts'
import { shortDigest } from '../domain/digest.ts'
import type { Candidate } from '../domain/candidate.ts'
import { CANDIDATE, ENVIRONMENT, PROJECT, REVISION, VERSION } from './attributes.ts'
import { historyIsLong, isIdle } from './continue-as-new.ts'
import { deployment, type DeploymentInput } from './deployment.ts'
import {
  fields,
  readAdopt,
  readConfirm,
  readHold,
  readLift,
  readOverride,
  readResolve,
  readReview,
  readRollback,
  readSignOff,
  readVote,
} from './doors.ts'
import { openHearing, readEstate, unanswered } from './hear.ts'
import { readFreeze, watchFreeze } from './freeze-watch.ts'
import { announcerId, deploymentId, sprintId } from './ids.ts'
import { openInspection } from './inspection.ts'
import {
  approveSignal,
  approveUpdate,
  areYouThereSignal,
  confirmUpdate,
  deploymentReportSignal,
  environmentQuery,
  environmentReportSignal,
  adoptUpdate,
  announceSignal,
  followSignal,
  giveUpSignal,
  inspectSignal,
  inspectUpdate,
  lateRefusalSignal,
  lockUpdate,
  overrideUpdate,
  pinUpdate,
  rejectSignal,
  rejectUpdate,
  requestSignal,
  resolutionSignal,
  resolveUpdate,
  reviewUpdate,
  retryUpdate,
  rollbackSignal,
  rollbackUpdate,
  settingsChangedSignal,
  signOffUpdate,
  standDownSignal,
  unlockUpdate,
  unpinUpdate,
  unvetoUpdate,
  vetoUpdate,
  withdrawApprovalSignal,
  withdrawApprovalUpdate,
  withdrawSignal,
} from './messages.ts'
import { persist, reasonOf } from './persist.ts'
import { keepDigests } from './keep.ts'
import { KEEP_ADOPTED, PLAN_AT_ONCE, PLAN_OR_REFUSE, PREPARE, SURVEY } from './policies.ts'
import { planBriefly, planOrWait } from './plan-seen.ts'
import { openReviews } from './review.ts'
import { openPost } from './post.ts'
import { deployQueue } from './queues.ts'
import { deploymentReport, lateRefusal } from './readers/deployment.ts'
import { noted, openMachineDoor } from './readers/hear-machine.ts'
import { deployRequest, following, withdraw } from './readers/wishes.ts'

export type EnvironmentInput = {
  readonly project: string
  readonly environment: string
  /** What the run before remembered. */
  readonly state?: EnvironmentState
  /** Continue as new after so many events, earlier than the server suggests. */
  readonly continueAfterEvents?: number
}

const LONGEST_PAUSE_MS = 600_000

type Worded = { readonly word?: Word }

/** The only writer of one environment: requests, approvals, deployments, one after another. */
export async function environment(input: EnvironmentInput): Promise<void> {
  const post = openPost()
  let state = input.state === undefined ? newEnvironment(input.project, input.environment) : reviveEnvironment(input.state)
  let told: EnvironmentState | null = null
  let gaveWay = 0
  let stoodDown = { epoch: 0, request: '' }
  /** What each sprint was told last. */
  const news = new Map<string, string>()

  const judged = (result: Judged) => {
    state = result.state
    return result.answer
  }
  /** What machines say is read first: anybody who reaches Temporal can send it. */
  const machineDoor = openMachineDoor((problem) => {
    state = { ...state, entries: noted(state.entries, Date.now(), problem) }
  })
  machineDoor(requestSignal, deployRequest, (request) => {
    state = absorbRequest(state, request, Date.now())
    // Who asks may know nothing yet: a sprint that began anew is told even what was told before.
    if (request.version !== null) news.delete(request.version)
  })
  machineDoor(withdrawSignal, withdraw, (taken) => {
    state = absorbWithdraw(state, taken, Date.now())
  })
  machineDoor(followSignal, following, (follower) => {
    state = absorbFollowing(state, follower, Date.now())
    // It may know nothing yet.
    if (follower.open) news.delete(follower.version)
  })
  machineDoor(deploymentReportSignal, deploymentReport, (report) => {
    state = absorbReport(state, report, Date.now())
  })
  machineDoor(lateRefusalSignal, lateRefusal, (refusal) => {
    state = absorbLateRefusal(state, refusal, Date.now())
  })
  const hear = openHearing({
    project: input.project,
    place: environmentPlace(input.environment),
    nonces: () => state.nonces,
    remember: (nonces) => void (state = { ...state, nonces }),
    knows: () => state.settings !== null,
    learn,
    deny: (action, by, refusal) => void judged(denied(state, action, by, refusal, Date.now())),
  })
  /** A door is where a person's word comes in: all of them lead through the same hearing. */
  const door =
    <T>(action: Action, judge: (message: unknown, by: Actor, now: number, word: Worded) => T | Promise<T>) =>
    (sent: unknown) =>
      hear(action, sent, (message, by, signed) => judge(message, by, Date.now(), signed === undefined ? {} : { word: { action, signed } }))
  const approve = door('approve', (said, by, now) => judged(judgeApprove(state, readVote(said, by), now)))
  // An earlier version took a rejection without a reason.
  const reject = door('reject', (said, by, now) => {
    const vote = readVote(said, by)
    return judged(judgeReject(state, vote, now, vote.reason === null ? patched('reason-to-reject') : true))
  })
  const takeBack = door('withdrawApproval', (said, by, now) => judged(judgeWithdrawApproval(state, readVote(said, by), now)))
  const rollback = door('rollback', (said, by, _now, word) => goBack({ ...readRollback(said, by), ...word }))
  const hold = (kind: HoldKind) => door(kind, (said, by, now) => judged(judgeHold(state, kind, readHold(said, by), now)))
  const release = (action: 'unlock' | 'unpin', kind: HoldKind) =>
    door(action, (said, by, now) => judged(judgeRelease(state, kind, readHold(said, by), now)))
  setHandler(approveUpdate, approve)
  setHandler(approveSignal, (vote) => unanswered(approve(vote)))
  setHandler(rejectUpdate, reject)
  setHandler(rejectSignal, (vote) => unanswered(reject(vote)))
  setHandler(withdrawApprovalUpdate, takeBack)
  setHandler(withdrawApprovalSignal, (vote) => unanswered(takeBack(vote)))
  setHandler(rollbackUpdate, rollback)
  setHandler(rollbackSignal, (wish) => unanswered(rollback(wish)))
  setHandler(
    signOffUpdate,
    door('signOff', (said, by, now) => judged(judgeSignOff(state, readSignOff(said, by), now))),
  )
  setHandler(
    retryUpdate,
    door('retry', (_said, by, now) => judged(judgeRetry(state, by, now))),
  )
  const override = door('override', (said, by, now) => judged(judgeOverride(state, readOverride(said, by), now)))
  const breakGlass = door('breakGlass', (said, by, now) => judged(judgeBreakGlass(state, readOverride(said, by), now)))
  setHandler(overrideUpdate, (wish) => (fields(wish)['freeze'] === true ? breakGlass(wish) : override(wish)))
  const review = openReviews({ read: () => state, write: (next) => void (state = next) })
  setHandler(reviewUpdate, (wish) => review(readReview(wish)))
  setHandler(
    confirmUpdate,
    door('confirm', (said, by, now) => judged(judgeConfirm(state, readConfirm(said, by), now))),
  )
  setHandler(
    vetoUpdate,
    door('veto', (said, by, now) => judged(judgeVeto(state, readLift(said, by), now))),
  )
  setHandler(
    unvetoUpdate,
    door('unveto', (said, by, now) => judged(judgeLift(state, readLift(said, by), now))),
  )
  setHandler(lockUpdate, hold('lock'))
  setHandler(unlockUpdate, release('unlock', 'lock'))
  setHandler(pinUpdate, hold('pin'))
  setHandler(unpinUpdate, release('unpin', 'pin'))
  setHandler(
    resolveUpdate,
    door('resolve', (said, by, _now, word) => resolve({ ...readResolve(said, by), ...word })),
  )
  setHandler(
    adoptUpdate,
    door('adopt', (said, by) => adopt(readAdopt(said, by))),
  )
  setHandler(settingsChangedSignal, () => readEstate(input.project, learn))
  const inspect = openInspection({ read: () => state, write: (seen) => void (state = seen) })
  setHandler(inspectUpdate, () => inspect())
  setHandler(inspectSignal, async () => void (await inspect()))
  setHandler(environmentQuery, () => ({ state, waits: environmentWaits(state), next: environmentCommands(state) }))

  void tellSprints()
  void watchHolder()
  void watchApprovals()
  const freezeWatch = watchFreeze({ read: () => state, write: (next) => void (state = next) })
  if (state.running !== null) void watch(state.running.epoch)
  const isLong = () => historyIsLong(input.continueAfterEvents)
  const mayContinue = () => isLong() && isIdle(post.isEmpty(), state === told, !freezeWatch.isAsking())
  for (;;) {
    await condition(() => (environmentStep(state) !== null && !isLong()) || mayContinue())
    if (mayContinue()) await continueAsNew<typeof environment>({ ...input, state })
    // A timer that is late because no worker was there has to change nothing.
    state = withoutLapsed(state, Date.now())
    const step = environmentStep(state)
    if (step !== null) await take(step)
  }

  function learn(settings: ProjectSettings): void {
    const own = settingsOfEnvironment(settings, input.environment)
    if (own !== null && JSON.stringify(own) !== JSON.stringify(state.settings)) state = { ...state, settings: own }
  }

  /** An approval lapses with time, also where nothing else happens. */
  async function watchApprovals(): Promise<never> {
    for (;;) {
      await condition(() => nextLapse(state) !== null)
      const due = nextLapse(state) ?? 0
      await condition(() => nextLapse(state) !== due, Math.max(1, due - Date.now()))
      state = withoutLapsed(state, Date.now())
    }
  }

  async function take(step: EnvironmentStep): Promise<void> {
    switch (step.kind) {
      case 'prepare':
        return prepare(step)
      case 'start':
        return start(step)
      default:
        return step satisfies never
    }
  }

  /** Renders what would be deployed. A newer request that takes its place ends the waiting. */
  async function prepare({ waiting }: Extract<EnvironmentStep, { kind: 'prepare' }>): Promise<void> {
    const { request } = waiting
    state = beginPreparation(state, request, Date.now())
    if (wantsSurvey(state) && patched('survey')) await surveyFirst()
    const rendered = await render(request, ({ reason, at }) => {
      state = setStage(state, request.id, { kind: 'preparing', problem: reason, nextTryAt: at }, Date.now())
    })
    const planned = rendered === null ? null : await withPlan(request, rendered)
    if (planned === null) state = setStage(state, request.id, { kind: 'queued' }, Date.now())
    else absorbRendered(request, planned)
  }

  function absorbRendered(request: DeployRequest, rendered: Rendered): void {
    state = rendered.ok
      ? absorbPreparation(state, request, rendered, Date.now())
      : absorbUnpreparable(state, request, rendered.reason, Date.now())
  }

  /** What people will decide about is shown with what it would change. @returns null when it is not wanted any more */
  async function withPlan(request: DeployRequest, rendered: Rendered): Promise<Rendered | null> {
    if (!rendered.ok || !isPlanned(rendered.settings) || !patched('plan-seen')) return rendered
    const { preparation } = rendered
    const answer = await planAnew(request, preparation)
    if (answer === null) return null
    return { ...rendered, preparation: { ...preparation, plan: planSeen(answer, preparation.plan, Date.now()) } }
  }

  function planAnew(request: DeployRequest, { snapshot, plan }: Preparation): Promise<PlanAnswer | null> {
    const { project, environment: name } = input
    const isWanted = () => isWaiting(request) && !goesBackFirst(state)
    return planBriefly({ project, environment: name, snapshot, previous: state.current?.snapshot ?? null, seen: wholeOf(plan) }, isWanted)
  }

  function isWaiting(request: DeployRequest): boolean {
    return state.waiting.some((other) => other.request.id === request.id)
  }

  /** What stands at a step is told what to do; about what has ended the rules decide. */
  function resolve(wish: ResolveWish): Answer<{ text: string }> {
    const { resolution, ...result } = judgeResolve(state, wish, Date.now())
    if (resolution !== undefined) post.send(deploymentId(input.project, input.environment, resolution.epoch), resolutionSignal, resolution)
    return judged(result)
  }

  /** Where a plan was shown, the target is asked whether it has moved since; judged again when that is known. */
  function goBack(wish: RollbackWish): Answer<{ text: string }> | Promise<Answer<{ text: string }>> {
    const { plan } = wish
    const target = verifiedHere(state).find(({ epoch }) => epoch === wish.epoch)
    const first = judgeRollback(state, wish, Date.now())
    if (plan === undefined || target === undefined || !first.answer.ok) return judged(first)
    const { project, environment: name } = input
    const asked = { project, environment: name, snapshot: target.snapshot, previous: state.current?.snapshot ?? null, seen: null }
    const options = wish.onlyAsPlanned === true ? PLAN_OR_REFUSE : PLAN_AT_ONCE
    return planBriefly({ ...asked, takeBack: true }, () => true, options).then((answer) =>
      judged(judgeRollback(state, wish, Date.now(), answer === null ? null : planMoved(plan, answer))),
    )
  }

  /** What runs there becomes the state; judged again when it is known what that is. */
  async function adopt({ tag, by }: { tag: string | null; by: Actor }): Promise<Answer<{ text: string }>> {
    const early = judgeAdopt(state, by)
    if (early !== null) return judged(denied(state, 'adopt', by, early, Date.now()))
    const surveyed = await survey(tag)
    if (typeof surveyed !== 'string') return await takeOver(surveyed, by)
    const refusal = refuse(`what runs in ${input.environment} cannot be told: ${surveyed}`, ['slipway doctor'], 'failed')
    return judged(denied(state, 'adopt', by, refusal, Date.now()))
  }

  /** What ran before Slipway came is kept as a way back, whether somebody adopts it or not. */
  async function surveyFirst(): Promise<void> {
    const surveyed = await survey(null)
    if (typeof surveyed === 'string') state = absorbNoSurvey(state, surveyed, Date.now())
    else await takeOver(surveyed, { kind: 'automation', name: 'before the first deployment' })
  }

  /** What one can go back to keeps its digests named, whoever put it there. */
  async function takeOver(surveyed: Surveyed, by: Actor): Promise<Answer<{ text: string }>> {
    const answer = judged(absorbSurvey(state, surveyed, by, Date.now()))
    if (!answer.ok || state.current === null || !patched('keep-adopted')) return answer
    const { epoch, tag, snapshot } = state.current
    const { project, environment: name } = input
    const kept = await keepDigests(
      { project, environment: name, candidate: snapshot.candidate, tag, number: freeName(state) },
      KEEP_ADOPTED,
    )
    state = absorbKept(state, epoch, kept, Date.now())
    return answer
  }

  function survey(tag: string | null): Promise<Surveyed | string> {
    const { project, environment: name } = input
    const activities = proxyActivities<DeployActivities>({ ...SURVEY, taskQueue: deployQueue(name) })
    return activities.survey
      .executeWithOptions({ summary: `what runs on ${name} already?` }, [{ project, environment: name, tag }])
      .catch((error: unknown) => reasonOf(error))
  }

  type Rendered = ({ ok: true } & Parameters<typeof absorbPreparation>[2]) | { ok: false; reason: string }

  /** @returns null when the request does not wait any more, or waits for the next run */
  async function render(request: DeployRequest, onProblem: (problem: Problem) => void): Promise<Rendered | null> {
    const { project, environment: name } = input
    const replaces = state.current === null ? null : { epoch: state.current.epoch, revision: state.current.snapshot.candidate.revision }
    // A way back that may start waits for nothing that is only being rendered.
    const isWanted = () => isWaiting(request) && !goesBackFirst(state)
    const { prepare: activity } = proxyActivities<DeployActivities>({ ...PREPARE, taskQueue: deployQueue(name) })
    const scope = new CancellationScope()
    const rendering = scope.run(() =>
      persist(
        () =>
          activity.executeWithOptions({ summary: `render ${request.tag} for ${name}` }, [
            { project, environment: name, requestId: request.id, candidate: request.candidate, tag: request.tag, replaces },
          ]),
        { onRetry: (retry) => retry !== null && onProblem(retry), wanted: () => isWanted() && !isLong() },
      ),
    )
    void condition(() => !isWanted()).then(() => scope.cancel())
    try {
      const rendered = await rendering
      if (!isWaiting(request)) return null
      if (!rendered.ok) return rendered.failure === null ? null : { ok: false, reason: rendered.failure.reason }
      const { snapshot, requestHash, relation, settings, lacks = 0, authors, tagger } = rendered.value
      const people = { ...(authors === undefined ? {} : { authors }), ...(tagger === undefined ? {} : { tagger }) }
      const preparation = { snapshot, requestHash, replacesEpoch: replaces?.epoch ?? null, ...people }
      return { ok: true, preparation, relation, lacks, settings }
    } catch (error) {
      if (isCancellation(error) && !isWanted()) return null
      throw error
    }
  }

  /**
   * What was approved is rendered and planned anew before it starts: when anything in it has changed, or more would be taken
   * away than was shown, the approval lapses.
   */
  async function stillFits(request: DeployRequest, preparation: Preparation, approval: Approval): Promise<boolean> {
    const again = await render(request, (problem) => {
      state = setProblem(state, request.id, problem)
    })
    if (again === null) return false
    // Who may approve, and how many have to, may be otherwise by now.
    if (again.ok && again.settings.approval !== undefined) state = withoutLapsed({ ...state, settings: again.settings }, Date.now())
    if (!mayStart(request, preparation)) return false
    if (!again.ok || again.preparation.requestHash !== approval.hash) {
      const planned = await withPlan(request, again)
      if (planned !== null) absorbRendered(request, planned)
      return false
    }
    state = { ...state, settings: again.settings }
    if (!isPlanned(again.settings) || !patched('plan-seen')) return true
    const answer = patched('plan-or-wait') ? await planInsisting(request, preparation) : await planAnew(request, preparation)
    if (answer === null || !mayStart(request, preparation)) return false
    const unseen = absorbUnseen(state, request, preparation, answer, Date.now())
    const lapsed =
      unseen ?? (answer.ok || answer.permanent !== true ? null : absorbUnplannable(state, request, preparation, answer, Date.now()))
    state = lapsed ?? absorbStartPlan(state, request, preparation, answer, Date.now())
    return lapsed === null
  }

  /** A deletion that nobody saw must not slip through: while the target cannot tell, what was approved waits, with the reason. */
  function planInsisting(request: DeployRequest, preparation: Preparation): Promise<PlanAnswer | null> {
    const { project, environment: name } = input
    const asked = { project, environment: name, previous: state.current?.snapshot ?? null, seen: wholeOf(preparation.plan) }
    const isWanted = () => mayStart(request, preparation) && !isLong()
    return planOrWait({ ...asked, snapshot: preparation.snapshot }, isWanted, (retry) => {
      const problem = retry && { reason: `what it would change cannot be told: ${retry.reason}`, at: retry.at }
      state = setProblem(state, request.id, problem)
    })
  }

  /** What was rendered or planned took its time: is it still approved, and nothing in its way? */
  function mayStart(request: DeployRequest, preparation: Preparation): boolean {
    // Taken over meanwhile: what it replaces is not what was there when it was rendered.
    if (preparation.replacesEpoch !== (state.current?.epoch ?? null)) return false
    const stage = state.waiting.find((other) => other.request.id === request.id)?.stage
    if (stage?.kind !== 'ready' || stage.approval === null) return false
    // Locked or pinned while it was rendered, or somebody goes back first: it stays approved, and waits.
    return heldBy(state, request) === null && !goesBackFirst(state)
  }

  /** A freeze is judged when a deployment starts, by a worker: while nobody can tell, nothing begins. */
  async function isOpen(request: DeployRequest): Promise<boolean> {
    const mayBegin = () => isWaiting(request) && heldByPeople(state, request) === null && !goesBackFirst(state, request)
    const asked = await persist(() => readFreeze(state), {
      onRetry: (retry) => {
        if (retry === null) return
        state = setProblem(state, request.id, { reason: `whether ${state.name} is frozen cannot be told: ${retry.reason}`, at: retry.at })
      },
      wanted: () => mayBegin() && !isLong(),
    })
    if (!isWaiting(request)) return false
    if (asked.ok) {
      state = absorbFreeze(setProblem(state, request.id, null), asked.value, Date.now())
      return mayBegin() && frozenFor(state, request) === null
    }
    if (asked.failure !== null) state = absorbUnpreparable(state, request, asked.failure.reason, Date.now())
    return false
  }

  async function start({ waiting: { request, stage }, preparation: approved }: Extract<EnvironmentStep, { kind: 'start' }>): Promise<void> {
    const approval = stage.kind === 'ready' ? stage.approval : null
    // Where nobody is to be asked, nothing is waited for: an earlier version's histories begin at once.
    const asks = () => mustAskFreeze(state, request, Date.now())
    if (asks() && !(await isOpen(request))) return
    if (approval !== null && !(await stillFits(request, approved, approval))) return
    // Rendering may have taken long, and it tells what the estate says by now.
    if (asks() ? !(await isOpen(request)) : frozenFor(state, request) !== null) return
    // An approval that was taken back meanwhile approves nothing.
    if (approval !== null && !mayStart(request, approved)) return
    const waiting = state.waiting.find((other) => other.request.id === request.id)
    if (waiting?.stage.kind !== 'ready') return
    const { preparation } = waiting.stage
    state = startDeployment(state, waiting, preparation, Date.now())
    const epoch = state.epoch
    const { project, environment: name } = input
    const { snapshot } = preparation
    const args: DeploymentInput = {
      project,
      environment: name,
      epoch,
      snapshot,
      previous: state.current?.snapshot ?? null,
      back: waiting.request.rollback !== undefined,
      keep: freeName(state),
      ...(state.settings?.rights?.verified === true ? { heard: state.settings, nonces: usedBefore() } : {}),
    }
    const child = await startChild(deployment, {
      workflowId: deploymentId(project, name, epoch),
      args: [args],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `${snapshot.tag} on ${name}, epoch ${epoch}`,
      staticDetails: snapshot.candidate.images.map((image) => `- ${image.service}: ${image.repository}@${image.digest}`).join('\n'),
      typedSearchAttributes: [
        { key: PROJECT, value: project },
        { key: ENVIRONMENT, value: name },
        { key: REVISION, value: snapshot.candidate.revision },
        ...candidateAttribute(snapshot.candidate),
        ...(waiting.request.version === null ? [] : [{ key: VERSION, value: waiting.request.version }]),
      ],
    }).catch((error: unknown) => ended(epoch, `its workflow could not be started: ${reasonOf(error)}`, 'intact'))
    // A deployment that a person terminated never reports: its end is seen here, so that nothing waits for it for ever.
    child?.result().catch((error: unknown) => ended(epoch, `the deployment workflow ended without a word: ${reasonOf(error)}`, 'broken'))
  }

  function ended(epoch: number, reason: string, target: 'intact' | 'broken'): void {
    const step = state.running?.step ?? 'starting'
    state = absorbReport(state, { epoch, kind: 'failed', target, step, reason, observed: [], log: null, heldEpoch: null }, Date.now())
  }

  /** The end of a deployment that an earlier run began is not seen here: it is asked from time to time whether it runs. */
  async function watch(epoch: number): Promise<void> {
    const isOver = () => state.running?.epoch !== epoch
    for (let pauseMs = 5000; !(await condition(isOver, pauseMs)); pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      try {
        await getExternalWorkflowHandle(deploymentId(input.project, input.environment, epoch)).signal(areYouThereSignal)
      } catch {
        // Its report may be on its way.
        if (!(await condition(isOver, 5000))) ended(epoch, 'the deployment workflow ended without a word', 'broken')
      }
    }
  }

  /** A sprint whose workflow was ended holds nothing: while somebody waits for it, it is asked from time to time whether it runs. */
  async function watchHolder(): Promise<never> {
    const blocking = () =>
      state.waiting.map(({ request }) => reservedBy(state, request)?.version ?? null).find((version) => version !== null)
    for (;;) {
      await condition(() => blocking() !== undefined)
      const version = blocking() ?? ''
      const isOver = () => blocking() !== version
      for (let pauseMs = 30_000; !(await condition(isOver, pauseMs)); pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
        try {
          await getExternalWorkflowHandle(sprintId(input.project, version)).signal(areYouThereSignal)
        } catch {
          if (!isOver()) state = dropFollower(state, version, Date.now())
        }
      }
    }
  }

  /** A word that was said to an earlier deployment is none to this one; that of a way back that waits may still be. */
  function usedBefore(): readonly string[] {
    return withoutNonces(
      liveNonces(state.nonces, Date.now()),
      state.waiting.map(({ word }) => nonceOf(word?.signed)),
    )
  }

  /** A deployment that cannot be done now gives way to what the same sprint, or develop, asked for after it. */
  function giveWay(): void {
    const { running } = state
    if (running === null) return
    const hasStoodDown = stoodDown.epoch === running.epoch
    const back = state.waiting.find(({ request }) => request.rollback !== undefined && mayStopFor(state, request))
    // One that was not taken is said anew, as another request.
    if (hasStoodDown && (back === undefined || back.request.id === stoodDown.request)) return
    if (back !== undefined && patched('stand-down')) {
      stoodDown = { epoch: running.epoch, request: back.request.id }
      const { by, tag } = back.request
      const reason = `${actorName(by)} asked for the way back to ${tag}`
      const word = back.word === undefined ? {} : { word: back.word }
      post.send(deploymentId(input.project, input.environment, running.epoch), standDownSignal, { reason, by, ...word })
      return
    }
    if (running.epoch === gaveWay || (running.retry === null && (running.halt === undefined || state.settings?.guarded === true))) return
    const goesBack = state.waiting.some(({ request }) => request.rollback !== undefined && mayStopFor(state, request))
    if (!goesBack && !state.waiting.some((waiting) => takesPlace(state, waiting, running))) return
    gaveWay = running.epoch
    post.send(deploymentId(input.project, input.environment, running.epoch), giveUpSignal)
  }

  /** What happened, for those who want to hear it; where nobody does, nothing is said. */
  function announce(): void {
    const taken = takeAnnouncements(state, Date.now())
    state = taken.state
    // An earlier version did not tell what was rejected.
    const untold = taken.news.some(({ kind }) => kind === 'rejected') && !patched('tell-rejected')
    const news = untold ? taken.news.filter(({ kind }) => kind !== 'rejected') : taken.news
    if (news.length > 0) post.send(announcerId(input.project), announceSignal, news)
  }

  /** What concerns a sprint, whenever it has changed: a step of a deployment that tells it nothing new is kept to oneself. */
  async function tellSprints(): Promise<never> {
    let shown: Deployed | null = null
    for (;;) {
      await condition(() => state !== told)
      for (const version of concernedVersions(state)) {
        const { sequence: _sequence, ...report } = reportFor(state, version)
        if (news.get(version) === JSON.stringify(report)) continue
        news.set(version, JSON.stringify(report))
        state = { ...state, sequence: state.sequence + 1 }
        post.send(sprintId(input.project, version), environmentReportSignal, { ...report, sequence: state.sequence })
      }
      announce()
      told = state
      setCurrentDetails(environmentDetails(state))
      giveWay()
      if (state.current !== null && state.current !== shown) {
        shown = state.current
        const { candidate } = shown.snapshot
        upsertSearchAttributes([{ key: REVISION, value: candidate.revision }, ...candidateAttribute(candidate)])
      }
    }
  }
}

function candidateAttribute(candidate: Candidate) {
  const first = candidate.images[0]
  return first === undefined ? [] : [{ key: CANDIDATE, value: shortDigest(first.digest) }]
}
