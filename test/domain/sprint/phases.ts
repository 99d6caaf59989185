import { absorbFacts, absorbReport } from '../../../domain/sprint/absorb.ts'
import { judge } from '../../../domain/sprint/judge.ts'
import type { Phase } from '../../../domain/sprint/phase.ts'
import type { SprintState } from '../../../domain/sprint/state.ts'
import { markAsked, sprintSteps } from '../../../domain/sprint/steps.ts'
import { ANNE, facts, ref, report, requestReport, short, sprint } from '../samples.ts'

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
    case 'aborted': {
      const aborted = judge(sprintIn('stabilising'), { kind: 'abort', reason: 'not needed' }, ANNE, 7000)
      if (!aborted.ok) throw new Error(aborted.reason)
      return aborted.state
    }
    default:
      return phase satisfies never
  }
}

/** The same, as they stand in life: with builds failing, deployments parked, releases rejected. */
export function variantsOf(phase: Phase): SprintState[] {
  const state = sprintIn(phase)
  if (phase === 'aborted') return [state]
  const sequence = state.facts.sequence
  const stages = [
    'queued',
    'preparing',
    'awaitingApproval',
    'approved',
    'deploying',
    'parked',
    'rejected',
    'superseded',
    'older',
    'failed',
    'restored',
    'aborted',
  ] as const
  const tag = phase === 'stabilising' ? `release-1.0.0.${short('B')}` : 'v1.0.0'
  const where = phase === 'integrating' ? 'integration' : phase === 'stabilising' ? 'alpha' : 'prod'
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
    ...stages.map((stage) =>
      absorbReport(state, report(where, 20, null, [requestReport(tag, stage, { reason: stage === 'parked' ? 'it crashes' : null })]), 8000),
    ),
  ]
}
