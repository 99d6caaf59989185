import { expect, test } from 'vitest'
import { absorbFacts, absorbReport } from '../../../domain/sprint/absorb.ts'
import { nextCommands } from '../../../domain/sprint/next.ts'
import { newSprint } from '../../../domain/sprint/state.ts'
import { sprintWaits } from '../../../domain/sprint/waits.ts'
import { ANNE, facts, ref, report, requestReport, rev, SETTINGS, short, sprint } from '../samples.ts'

const stabilising = () => absorbFacts(sprint(), facts(1, { release: ref('release-1.0.0', 'B') }), 2000)

test('what another sprint put there is not this one’s to sign off, though it is the same commit', () => {
  const theirs = report('alpha', 1, { tag: `release-1.1.0.${short('B')}`, at: 'B', epoch: 1, version: '1.1.0' }, [
    requestReport(`release-1.0.0.${short('B')}`, 'failed', { reason: 'the overlay does not render' }),
  ])
  const state = absorbReport(stabilising(), theirs, 3000)
  expect(sprintWaits(state).map(({ detail }) => detail)).toEqual([
    `release-1.0.0.${short('B')} did not reach alpha (failed): the overlay does not render`,
  ])
  expect(nextCommands(state)[0]).toBe('slipway retry alpha')
})

test('a tag whose images could not be built is tried again, and a push does not mend it', () => {
  const signed = report('alpha', 1, { tag: `release-1.0.0.${short('B')}`, at: 'B', epoch: 1, signed: 'pass' })
  const tagged = facts(2, { release: ref('release-1.0.0', 'B'), tags: [ref('v1.0.0', 'B', 'failed')] })
  const state = absorbFacts(absorbReport(stabilising(), signed, 3000), tagged, 4000)
  expect(sprintWaits(state).map(({ detail }) => detail)).toContain('v1.0.0 could not be built: COPY failed; slipway retry')
  expect(nextCommands(state)[0]).toBe('slipway retry')
})

test('a sprint that begins anew on a moved tag takes what runs for its release, and warns', () => {
  const beginning = { kind: 'hotfix', release: { tag: 'v1.0.0', revision: rev('B') } } as const
  const begun = newSprint({ project: 'website', version: '1.0.0', settings: SETTINGS, features: [], by: ANNE, now: 1000, beginning })
  const known = absorbFacts(begun, facts(1, { release: ref('release-1.0.0', 'B'), tags: [ref('v1.0.0', 'B')] }), 2000)
  const state = absorbReport(known, report('prod', 1, { tag: 'v1.0.0', at: 'A', epoch: 1 }), 3000)
  expect(state).toMatchObject({ phase: 'hotfixing', release: { tag: 'v1.0.0', revision: rev('A') } })
  expect(sprintWaits(state)[0]?.detail).toContain(`git push --force <remote> ${rev('A')}:refs/tags/v1.0.0`)
})

test('a way back that failed is not what became of the tag', () => {
  const signed = report('alpha', 1, { tag: `release-1.0.0.${short('B')}`, at: 'B', epoch: 1, signed: 'pass' })
  const failed = report('prod', 1, null, [requestReport('v1.0.0', 'parked', { id: 'rollback-1', rollback: true })])
  const before = absorbReport(absorbReport(stabilising(), signed, 3000), failed, 3001)
  const state = absorbFacts(before, facts(2, { release: ref('release-1.0.0', 'B'), tags: [ref('v1.0.0', 'B')] }), 4000)
  expect(state.phase).toBe('releasing')
})
