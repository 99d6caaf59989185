import { condition, continueAsNew, patched, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow'
import type { MergeActivities, MergeResult } from '../activities/contract.ts'
import type { Actor } from '../domain/actor.ts'
import {
  absorbFailure,
  absorbMerge,
  absorbMergeRequest,
  absorbNoRequest,
  absorbRetry,
  absorbYounger,
  sayMergedAs,
  stop,
} from '../domain/merge-back/absorb.ts'
import { mergeBackDetails } from '../domain/merge-back/details.ts'
import {
  isEnded,
  newMergeBack,
  nextTarget,
  type MergeBackReport,
  type MergeBackState,
  type MergeTarget,
} from '../domain/merge-back/state.ts'
import type { Rights } from '../domain/rights.ts'
import { recorded } from '../domain/timeline.ts'
import { historyIsLong, isIdle } from './continue-as-new.ts'
import { repositoryId, sprintId } from './ids.ts'
import {
  hintSignal,
  lookSignal,
  mergeBackQuery,
  mergeBackReportSignal,
  mergedAsSignal,
  stopSignal,
  targetsSignal,
  type Retry,
} from './messages.ts'
import { openMergeBackWords } from './merge-back-words.ts'
import { persist, reasonOf } from './persist.ts'
import { FORGE, MERGE } from './policies.ts'
import { openPost } from './post.ts'
import { MAIN_QUEUE } from './queues.ts'
import { noted, openMachineDoor } from './readers/hear-machine.ts'
import { branches, mergedAs, stopped } from './readers/merge-back.ts'
import { reportBack } from './report-back.ts'

export type MergeBackInput = {
  readonly project: string
  readonly version: string
  readonly tag: string
  readonly revision: string
  readonly branches: readonly string[]
  readonly younger: readonly string[]
  readonly by: Actor
  readonly startedAt: number
  readonly state?: MergeBackState
  readonly continueAfterEvents?: number
  /** Set where words have to be signed: what a person says of a branch is heard here, too, and not taken on trust. */
  readonly heard?: Rights
  /** What signed words have used up in the runs before. */
  readonly nonces?: readonly string[]
}

const git = proxyActivities<MergeActivities>({ ...MERGE, taskQueue: MAIN_QUEUE })
const forge = proxyActivities<MergeActivities>({ ...FORGE, taskQueue: MAIN_QUEUE })

/** A confirmed release into develop, master and younger release branches: one after another, for days where a person is needed. */
export async function mergeBack(input: MergeBackInput): Promise<MergeBackReport> {
  const { project, version } = input
  const post = openPost()
  let state = input.state ?? newMergeBack({ ...input, now: input.startedAt })
  let { nonces } = input
  let told = ''
  let sequence = 0
  /** Branches that wait for a person and have to be looked at. */
  let due = new Set(waiting().map(({ branch }) => branch))

  setHandler(lookSignal, () => {
    due = new Set(waiting().map(({ branch }) => branch))
  })
  /** What machines say is read first: anybody who reaches Temporal can send it. */
  const machineDoor = openMachineDoor((problem) => {
    state = { ...state, entries: noted(state.entries, Date.now(), problem) }
  })
  machineDoor(stopSignal, stopped, ({ reason }) => {
    state = stop(state, reason, Date.now())
  })
  machineDoor(targetsSignal, branches, (younger) => {
    state = absorbYounger(state, younger.branches, Date.now())
  })
  const hearMergedAs = openMergeBackWords(input, {
    nonces: () => nonces,
    remember: (used) => void (nonces = used),
    take: ({ target, revision, by }) => void (state = sayMergedAs(state, target, revision, by, Date.now())),
    deny: (by, reason) => {
      state = { ...state, entries: recorded(state.entries, Date.now(), 'denied', `finish --merged-as was denied: ${reason}`, by) }
    },
  })
  machineDoor(mergedAsSignal, mergedAs, hearMergedAs)
  setHandler(mergeBackQuery, () => state)

  const isLong = () => historyIsLong(input.continueAfterEvents)
  const mayContinue = () => isLong() && isIdle(post.isEmpty())
  // What is due in a history that is long already waits for the next run.
  const next = () => (isLong() ? null : (nextTarget(state) ?? waiting().find(({ branch }) => due.has(branch)) ?? null))
  while (!isEnded(state)) {
    tell()
    if (mayContinue()) await continueAsNew<typeof mergeBack>({ ...input, state, ...(nonces === undefined ? {} : { nonces }) })
    const target = next()
    if (target !== null) await merge(target)
    else await condition(() => next() !== null || isEnded(state) || mayContinue())
  }
  setCurrentDetails(mergeBackDetails(state))
  return reportBack(sprintId(project, version), mergeBackReportSignal, report())

  function waiting(): MergeTarget[] {
    return state.targets.filter(({ status }) => status.kind === 'person')
  }

  async function merge({ branch, mergedAs }: MergeTarget): Promise<void> {
    due.delete(branch)
    const { tag, revision, by } = state
    const merged = await persist<MergeResult>(
      () =>
        git.mergeInto.executeWithOptions({ summary: `merge ${tag} into ${branch}` }, [
          { project, version, tag, revision, target: branch, by, mergedAs },
        ]),
      { onRetry: onRetry(branch), wanted: () => isWanted(branch) },
    )
    // What a person said meanwhile is tried next.
    if (state.targets.find((target) => target.branch === branch)?.mergedAs !== mergedAs) return
    if (merged.ok) state = absorbMerge(state, branch, merged.value, Date.now())
    else if (merged.failure !== null) state = absorbFailure(state, branch, merged.failure.reason, Date.now())
    // The repository reads what was pushed just as it reads what a developer pushes.
    if (merged.ok && merged.value.outcome === 'merged') post.send(repositoryId(project), hintSignal)
    await askForMerge(branch)
  }

  /** Where a person has to merge, the forge's merge request is the place; without a forge it is the branch. */
  async function askForMerge(branch: string): Promise<void> {
    const status = state.targets.find((target) => target.branch === branch)?.status
    if (status?.kind !== 'person' || status.branch === null) return
    if (status.mergeRequest !== null) return readAnswer(branch, status.mergeRequest.number)
    const { tag } = state
    const [source, title, body] = [status.branch, `Merge ${tag} into ${branch}`, [status.reason, '', ...status.steps].join('\n')]
    try {
      const opened = await forge.openMergeRequest.executeWithOptions(
        { summary: `merge request for ${tag} into ${branch}, where there is a forge` },
        [{ project, source, target: branch, title, body }],
      )
      if (opened !== null) state = absorbMergeRequest(state, branch, opened, Date.now())
    } catch (error) {
      // Other branches need not wait for a forge that is away; it is asked again at the next look.
      state = absorbNoRequest(state, branch, `no merge request: ${reasonOf(error)}`, Date.now())
    }
  }

  /** A merge request that was merged as a squash is known by what the forge says of it. */
  async function readAnswer(branch: string, number: number): Promise<void> {
    try {
      const read = await forge.readMergeRequest.executeWithOptions({ summary: `is merge request ${number} merged?` }, [{ project, number }])
      const by = { kind: 'automation', name: `merge request ${number}` } as const
      if (read.state === 'merged' && read.mergedAs !== null) state = sayMergedAs(state, branch, read.mergedAs, by, Date.now())
      if (read.state === 'closed') state = absorbNoRequest(state, branch, `merge request ${number} was closed without a merge`, Date.now())
    } catch (error) {
      state = absorbNoRequest(state, branch, `merge request ${number} cannot be read: ${reasonOf(error)}`, Date.now())
    }
  }

  function onRetry(branch: string) {
    return (retry: Retry | null) => {
      // An earlier version did not tell when it is tried again.
      const told = retry === null || patched('next-try') ? retry : { reason: retry.reason }
      state = absorbRetry(state, branch, told, Date.now())
      tell()
    }
  }

  function isWanted(branch: string): boolean {
    const status = state.targets.find((target) => target.branch === branch)?.status
    return status !== undefined && status.kind !== 'done' && status.kind !== 'stopped' && !isLong()
  }

  /** The whole picture to the sprint whenever it has changed. */
  function tell(): void {
    const news = JSON.stringify([state.targets, state.stopped])
    if (news === told) return
    told = news
    setCurrentDetails(mergeBackDetails(state))
    post.send(sprintId(project, version), mergeBackReportSignal, report())
  }

  function report(): MergeBackReport {
    sequence = Math.max(sequence + 1, Date.now())
    return { tag: state.tag, sequence, targets: state.targets, stopped: state.stopped, ended: isEnded(state) }
  }
}
