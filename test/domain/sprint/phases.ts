import { absorbFacts, absorbMergeBack, absorbReport } from '../../../domain/sprint/absorb.ts'
import { judge } from '../../../domain/sprint/judge.ts'
import { isEnded, type MergeBackReport, type MergeTarget } from '../../../domain/merge-back/state.ts'
import { isOver, type Phase } from '../../../domain/sprint/phase.ts'
import type { SprintState } from '../../../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../../../domain/sprint/steps.ts'
import { ANNE, facts, ref, report, requestReport, rev, short, sprint } from '../samples.ts'

const asked = (state: SprintState) => sprintSteps(state).reduce((next, step) => markAsked(next, step, 3000), state)

/** A sprint in each phase, brought there by facts and reports alone. */
export function sprintIn(phase: Phase): SprintState {
  switch (phase) {
    case 'integrating':
      return absorbFacts(sprint(['feature/greeting']), facts(1, { develop: ref('develop', 'A') }), 2000)
    case 'stabilising':
      return asked(absorbFacts(sprintIn('integrating'), facts(2, { release: ref('release-1.0.0', 'B') }), 3000))
    case 'releasing': {
      const runs = { tag: `release-1.0.0.${short('B')}`, at: 'B', epoch: 1, signed: 'pass' } as const
      const signed = absorbReport(sprintIn('stabilising'), report('alpha', 1, runs), 4000)
      return asked(absorbFacts(signed, facts(3, { release: ref('release-1.0.0', 'B'), tags: [ref('v1.0.0', 'B')] }), 5000))
    }
    case 'live':
      return absorbReport(sprintIn('releasing'), report('prod', 9, { tag: 'v1.0.0', at: 'B', epoch: 1 }), 6000)
    case 'hotfixing':
      return asked(absorbFacts(sprintIn('live'), facts(4, { release: ref('release-1.0.0', 'H'), tags: [ref('v1.0.0', 'B')] }), 7000))
    case 'rolledBack':
      return absorbReport(
        sprintIn('live'),
        report('prod', 10, { tag: 'v0.9.0', at: 'Z', epoch: 2, version: '0.9.0', rollback: ROLLED_BACK }),
        7000,
      )
    case 'mergingBack': {
      const confirmed = absorbReport(sprintIn('live'), report('prod', 10, { tag: 'v1.0.0', at: 'B', epoch: 1, signed: 'pass' }), 7000)
      const finish = judge(confirmed, { kind: 'finish', mergedAs: null, target: null }, ANNE, 7000)
      if (!finish.ok) throw new Error(finish.reason)
      return finish.state
    }
    case 'finished':
      return absorbMergeBack(sprintIn('mergingBack'), mergeBackReport('v1.0.0', 8000, ['done', 'done']), 8000)
    case 'aborted': {
      const aborted = judge(sprintIn('stabilising'), { kind: 'abort', reason: 'not needed' }, ANNE, 7000)
      if (!aborted.ok) throw new Error(aborted.reason)
      return aborted.state
    }
    default:
      return phase satisfies never
  }
}

export const ROLLED_BACK = { fromEpoch: 1, fromTag: 'v1.0.0', fromVersion: '1.0.0', by: ANNE, reason: 'it is slow' } as const

/** What the merge-back tells of develop and master. */
export function mergeBackReport(tag: string, sequence: number, how: readonly [MergeWord, MergeWord]): MergeBackReport {
  const targets = ['develop', 'master'].map((branch, index): MergeTarget => {
    const word = how[index] ?? 'open'
    return { branch, younger: false, since: 7000, mergedAs: null, status: statusOf(word) }
  })
  return { tag, sequence, targets, stopped: how.includes('stopped') ? 'rolled back' : null, ended: isEnded({ targets }) }
}

type MergeWord = 'open' | 'retry' | 'conflict' | 'protected' | 'absent' | 'failed' | 'done' | 'stopped'

function statusOf(word: MergeWord): MergeTarget['status'] {
  switch (word) {
    case 'open':
    case 'stopped':
      return { kind: word }
    case 'retry':
      return { kind: word, reason: 'the remote is away' }
    case 'done':
      return { kind: word, how: 'merged', tip: rev('M') }
    default:
      return { kind: 'person', why: word, reason: 'a person is needed', steps: ['git merge'], branch: 'merge-back/x', mergeRequest: null }
  }
}

/** The same, as they stand in life: with builds failing, deployments parked, releases rejected. */
export function variantsOf(phase: Phase): SprintState[] {
  const state = sprintIn(phase)
  if (isOver(phase)) return [state]
  const sequence = state.facts.sequence
  const stages = [
    'queued',
    'preparing',
    'held',
    'awaitingApproval',
    'approved',
    'deploying',
    'parked',
    'rejected',
    'superseded',
    'older',
    'vetoed',
    'failed',
    'restored',
    'aborted',
  ] as const
  const tag = phase === 'stabilising' || phase === 'hotfixing' ? `release-1.0.0.${short('B')}` : 'v1.0.0'
  const where = phase === 'integrating' ? 'integration' : phase === 'stabilising' || phase === 'hotfixing' ? 'alpha' : 'prod'
  return [
    state,
    ...(['waiting', 'building', 'failed'] as const).map((build) =>
      absorbFacts(
        state,
        facts(sequence + 1, {
          develop: phase === 'integrating' ? ref('develop', 'C', build) : null,
          release: phase === 'integrating' ? null : ref('release-1.0.0', 'C', build),
          tags: state.facts.tags,
        }),
        8000,
      ),
    ),
    absorbFacts(state, facts(sequence + 1), 8000),
    ...(phase === 'mergingBack' ? [absorbMergeBack(state, mergeBackReport('v1.0.0', 9000, ['conflict', 'protected']), 9000)] : []),
    ...stages.map((stage) =>
      absorbReport(state, report(where, 20, null, [requestReport(tag, stage, { reason: stage === 'parked' ? 'it crashes' : null })]), 8000),
    ),
  ]
}
