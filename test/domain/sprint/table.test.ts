import { describe, expect, test } from 'vitest'
import { absorbFacts, absorbMergeBack, absorbReport } from '../../../domain/sprint/absorb.ts'
import { phaseAllows, SPRINT_COMMANDS, type SprintCommand } from '../../../domain/sprint/commands.ts'
import { sprintDetails } from '../../../domain/sprint/details.ts'
import type { SprintFacts } from '../../../domain/sprint/facts.ts'
import { denied, judge } from '../../../domain/sprint/judge.ts'
import { nextCommands } from '../../../domain/sprint/next.ts'
import { isOver, PHASES } from '../../../domain/sprint/phase.ts'
import { settle } from '../../../domain/sprint/settle.ts'
import type { SprintState } from '../../../domain/sprint/state.ts'
import { sprintSteps } from '../../../domain/sprint/steps.ts'
import { sprintWaits } from '../../../domain/sprint/waits.ts'
import { ANNE, facts, ref, report, requestReport, rev, short } from '../samples.ts'
import { mergeBackReport, ROLLED_BACK, sprintIn, variantsOf } from './phases.ts'

/** Which command has a meaning in which phase: the whole table, written out. */
const TABLE = {
  integrating: ['addFeature', 'removeFeature', 'settleFeature', 'cut', 'abort'],
  stabilising: ['tag', 'abort'],
  releasing: ['abort'],
  live: ['hotfix', 'finish', 'abort'],
  hotfixing: ['tag', 'hotfix', 'finish', 'abort'],
  rolledBack: ['hotfix', 'abort'],
  mergingBack: ['hotfix', 'finish', 'abort'],
  finished: [],
  aborted: [],
} as const

const COMMANDS: Record<(typeof SPRINT_COMMANDS)[number], SprintCommand[]> = {
  addFeature: [
    { kind: 'addFeature', branch: 'feature/new' },
    { kind: 'addFeature', branch: 'feature/greeting' },
    { kind: 'addFeature', branch: '$(touch x)' },
    { kind: 'addFeature', branch: 'develop' },
  ],
  removeFeature: [
    { kind: 'removeFeature', branch: 'feature/greeting' },
    { kind: 'removeFeature', branch: 'feature/none' },
  ],
  settleFeature: [
    { kind: 'settleFeature', branch: 'feature/greeting', revision: null },
    { kind: 'settleFeature', branch: 'feature/greeting', revision: rev('F') },
    { kind: 'settleFeature', branch: 'feature/greeting', revision: 'HEAD' },
    { kind: 'settleFeature', branch: 'feature/none', revision: null },
  ],
  cut: [
    { kind: 'cut', without: [] },
    { kind: 'cut', without: ['feature/greeting'] },
    { kind: 'cut', without: ['feature/none'] },
  ],
  tag: [
    { kind: 'tag', revision: null },
    { kind: 'tag', revision: rev('B') },
    { kind: 'tag', revision: 'main' },
  ],
  hotfix: [{ kind: 'hotfix' }],
  finish: [
    { kind: 'finish', mergedAs: null, target: null },
    { kind: 'finish', mergedAs: rev('M'), target: null },
    { kind: 'finish', mergedAs: rev('M'), target: 'master' },
    { kind: 'finish', mergedAs: rev('M'), target: 'nowhere' },
    { kind: 'finish', mergedAs: 'HEAD', target: null },
  ],
  abort: [{ kind: 'abort', reason: 'not needed' }],
}

describe.each(PHASES)('while %s', (phase) => {
  test.each(SPRINT_COMMANDS)('%s has an answer', (kind) => {
    const allowed = (TABLE[phase] as readonly string[]).includes(kind)
    const cell = phaseAllows(phase, kind)
    expect(cell.allowed).toBe(allowed)
    if (!cell.allowed) expect(cell.because).toMatch(/\w+ \w+/)

    for (const state of variantsOf(phase).filter((variant) => variant.phase === phase)) {
      for (const command of COMMANDS[kind]) {
        const judged = judge(state, command, ANNE, 9000)
        if (!allowed) expect(judged.ok).toBe(false)
        if (judged.ok) expectSound(judged.state)
        else {
          expect(judged.reason).toMatch(/\w+ \w+/)
          expect(judged.next.length).toBeGreaterThan(0)
          for (const command of judged.next) expect(command).toMatch(/^slipway \w+/)
          expect(denied(state, command, judged, ANNE, 9000).entries.at(-1)).toMatchObject({ event: 'denied', by: 'anne (unverified)' })
        }
      }
    }
  })

  test('every fact has a defined result', () => {
    for (const state of variantsOf(phase)) {
      for (const fact of everyFact(state.facts.sequence + 1)) expectSound(absorbFacts(state, fact, 9000))
    }
  })

  test('every report has a defined result', () => {
    for (const state of variantsOf(phase)) {
      for (const [index, each] of everyReport(30).entries()) {
        const next = absorbReport(state, each, 9000 + index)
        expectSound(next)
        expect(absorbReport(next, each, 9500)).toBe(next)
        expect(absorbReport(next, { ...each, sequence: each.sequence - 1 }, 9500)).toBe(next)
      }
    }
  })

  test('every word of the merge-back has a defined result', () => {
    const how = ['open', 'retry', 'conflict', 'protected', 'absent', 'failed', 'done', 'stopped'] as const
    for (const state of variantsOf(phase)) {
      for (const [index, pair] of how.flatMap((a) => how.map((b) => [a, b] as const)).entries()) {
        const told = mergeBackReport('v1.0.0', 20_000 + index, pair)
        const next = absorbMergeBack(state, told, 9000)
        expectSound(next)
        expect(absorbMergeBack(next, told, 9500)).toBe(next)
      }
    }
  })

  test('an older or doubled fact changes nothing', () => {
    for (const state of variantsOf(phase)) {
      for (const fact of everyFact(state.facts.sequence)) expect(absorbFacts(state, fact, 9000)).toBe(state)
      for (const fact of everyFact(state.facts.sequence - 1)) expect(absorbFacts(state, fact, 9000)).toBe(state)
    }
  })
})

/** Whatever happened: the rules have come to rest, who asks why gets a reason, and something can be done. */
function expectSound(state: SprintState): void {
  const problems = [
    PHASES.includes(state.phase) || 'has no phase',
    settle(state, 9999).phase === state.phase || 'the rules have not come to rest',
    (sprintWaits(state).length === 0) === isOver(state.phase) || 'waits without a reason',
    sprintWaits(state).every((wait) => /\w+ \w+/.test(wait.detail)) || 'a wait says nothing',
    nextCommands(state).length > 0 || 'nothing can be done',
    sprintDetails(state).includes(`is ${state.phase}`) || 'shows no phase',
    sprintSteps(state).every(({ environment, tag }) => environment === 'alpha' || (environment === 'prod' && tag === state.release?.tag)) ||
      'asks an environment for what is not its own',
  ].filter((problem) => problem !== true)
  if (problems.length > 0) throw new Error(`${problems.join(', ')}: ${JSON.stringify(state, null, 1)}`)
}

function everyFact(sequence: number): SprintFacts[] {
  const builds = ['waiting', 'building', 'built', 'failed'] as const
  const branches = [null, ...['A', 'B', 'C'].flatMap((at) => builds.map((build) => [at, build] as const))]
  const tags = [
    [],
    ...builds.map((build) => [ref('v1.0.0', 'B', build)]),
    [ref('v1.0.0', 'C')],
    [ref('v1.0.0', 'B'), ref('v1.0.0-hotfix1', 'C')],
    [ref('v1.0.0-hotfix1', 'B', 'failed')],
  ]
  const merged = [null, 'merge', 'squash'] as const
  return branches.flatMap((branch) =>
    tags.flatMap((each) => [
      facts(sequence, { release: branch === null ? null : ref('release-1.0.0', ...branch), tags: each }),
      facts(sequence, {
        develop: branch === null ? null : ref('develop', ...branch, { rewrittenAt: 1000 }),
        tags: each,
        features: merged.map((how) => ({ branch: 'feature/greeting', revision: rev('F'), merged: how })),
      }),
    ]),
  )
}

function everyReport(sequence: number) {
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
  return ['integration', 'alpha', 'prod', 'gone'].flatMap((name) =>
    [`release-1.0.0.${short('B')}`, 'v1.0.0', 'v1.0.0-hotfix1'].flatMap((tag) => [
      report(name, sequence, null),
      ...[undefined, 'pass', 'fail'].map((signed) =>
        report(name, sequence, { tag, at: 'B', epoch: 7, ...(signed === undefined ? {} : { signed: signed as 'pass' | 'fail' }) }),
      ),
      report(name, sequence, { tag: 'v0.9.0', at: 'Z', epoch: 8, version: '0.9.0', rollback: ROLLED_BACK }),
      ...stages.map((stage) =>
        report(name, sequence, { tag, at: 'C', epoch: 7 }, [requestReport(tag, stage), requestReport(tag, 'superseded')]),
      ),
      ...stages.map((stage) =>
        report(name, sequence, null, [requestReport(tag, 'rejected'), requestReport(tag, stage, { id: `${tag}~2`, hash: 'f'.repeat(64) })]),
      ),
    ]),
  )
}

test('a sprint can be brought into each phase', () => {
  for (const phase of PHASES) expect(sprintIn(phase).phase).toBe(phase)
})
