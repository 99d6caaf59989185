import { describe, expect, test } from 'vitest'
import {
  absorbBuild,
  absorbLook,
  absorbOutage,
  forgetFailure,
  IMPORT_OF_TAGS,
  markRef,
  type Look,
} from '../../../domain/repository/absorb.ts'
import { repositoryDetails } from '../../../domain/repository/details.ts'
import { judgeStart } from '../../../domain/repository/judge-start.ts'
import { sprintFacts } from '../../../domain/repository/sprint-facts.ts'
import { closeSprint, knowSprint, wantVersion } from '../../../domain/repository/sprints.ts'
import { newRepository, type RepositoryState } from '../../../domain/repository/state.ts'
import { repositorySteps } from '../../../domain/repository/steps.ts'
import { hostile } from '../arbitrary.ts'
import { candidate, rev, SETTINGS, short } from '../samples.ts'

type Change = Look['changes'][number]

const head = (branch: string, to: string | null, from: string | null = null, rewritten = false): Change => ({
  ref: `refs/heads/${branch}`,
  from: from === null ? null : rev(from),
  to: to === null ? null : rev(to),
  rewritten,
})
const tag = (name: string, to: string | null, from: string | null = null): Change => ({ ...head('', to, from), ref: `refs/tags/${name}` })
const look = (changes: Change[], change: Partial<Look> = {}): Look => ({
  cursor: 'cursor',
  first: false,
  more: false,
  changes,
  unserved: { count: 0, names: [] },
  develop: rev('A'),
  features: [],
  settings: null,
  ...change,
})
const first = (changes: Change[], change: Partial<Look> = {}) =>
  absorbLook(newRepository('website'), look(changes, { first: true, settings: SETTINGS, ...change }), 1000)
const steps = (state: RepositoryState) =>
  repositorySteps(state).map((step) =>
    step.kind === 'build' ? `build ${step.ref}` : step.kind === 'name' ? `name ${step.tag}` : `hand ${step.environment} ${step.tag}`,
  )
const building = (state: RepositoryState, at: string, branch: string) =>
  absorbBuild(state, { status: 'building', revision: rev(at), since: 1, ref: `refs/heads/${branch}` })
const built = (state: RepositoryState, at: string) =>
  absorbBuild(state, { status: 'built', revision: rev(at), since: 1, candidate: candidate(at) })
const broken = (state: RepositoryState, at: string) =>
  absorbBuild(state, { status: 'failed', revision: rev(at), since: 1, reason: 'COPY failed', log: null })
const named = (state: RepositoryState, ref: string, at: string) => markRef(state, ref, rev(at), { named: true })
const sprint = (state: RepositoryState, phase: 'integrating' | 'stabilising' = 'integrating', version = '1.0.0') =>
  knowSprint(state, { version, phase, features: ['feature/x'] })
const develop = (at = 'A') => first([head('develop', at), head('master', 'M'), head('release-0.9.0', 'R')])

describe('a first look', () => {
  test('builds develop and nothing that was there before', () => {
    expect(steps(develop())).toEqual(['build refs/heads/develop'])
    expect(develop().refs).toHaveLength(3)
  })

  test('in many pages is still the first one', () => {
    const page = (from: number, more: boolean, firstOne: boolean) =>
      look(
        Array.from({ length: 200 }, (_, index) => head(`release-old${from + index}`, 'R')),
        { first: firstOne, more, settings: SETTINGS },
      )
    const pages = [page(0, true, true), page(200, true, false), page(400, false, false)]
    const state = pages.reduce((next, each, index) => absorbLook(next, each, 1000 + index), newRepository('website'))
    expect(steps(state)).toEqual([])
    expect(steps(absorbLook(state, look([head('release-old7', 'S', 'R')]), 2000))).toEqual(['build refs/heads/release-old7'])
  })

  test('once more, when what was seen is forgotten, finds what moved and what vanished', () => {
    const known = absorbLook(develop(), look([head('release-next', 'N'), tag('nightly', 'T')]), 2000)
    const again = absorbLook(known, look([head('develop', 'B'), head('master', 'M2'), head('release-0.9.0', 'R')], { first: true }), 3000)
    expect(Object.fromEntries(again.refs.map(({ ref, wanted }) => [ref, wanted]))).toEqual({
      'refs/heads/develop': true,
      'refs/heads/master': true,
      'refs/heads/release-0.9.0': false,
      'refs/tags/nightly': true,
    })
  })
})

describe('builds', () => {
  test('are made for what changes among tags, develop, master and release branches', () => {
    const state = absorbLook(
      named(built(develop(), 'A'), 'refs/heads/develop', 'A'),
      look([head('master', 'M2', 'M'), head('release-2.0.0', 'A'), tag('v1.0.0', 'T'), tag('nightly', 'N')]),
      2000,
    )
    expect(new Set(steps(state))).toEqual(
      new Set([
        'build refs/tags/v1.0.0',
        'build refs/tags/nightly',
        'build refs/heads/master',
        `name release-2.0.0.${short('A')}`,
        `hand integration develop.${short('A')}`,
      ]),
    )
  })

  test('run one at a time for a ref, and only the newest of what is pushed meanwhile is built', () => {
    let state = building(develop(), 'A', 'develop')
    state = absorbLook(state, look([head('develop', 'B', 'A')]), 2000)
    state = absorbLook(state, look([head('develop', 'C', 'B')]), 2001)
    expect(steps(state)).toEqual([])
    state = built(state, 'A')
    expect(repositorySteps(state)).toEqual([{ kind: 'build', revision: rev('C'), ref: 'refs/heads/develop' }])
  })

  test('are shared by refs at the same revision', () => {
    const state = absorbLook(develop(), look([head('release-1.0.0', 'A'), tag('v1.0.0', 'A')]), 2000)
    expect(steps(state)).toHaveLength(1)
    expect(steps(built(state, 'A')).toSorted()).toEqual(
      [`name develop.${short('A')}`, `name release-1.0.0.${short('A')}`, 'name v1.0.0'].toSorted(),
    )
  })

  test('that failed are not made again until somebody asks, and the next push is tried', () => {
    const state = broken(develop(), 'A')
    expect(steps(state)).toEqual([])
    expect(steps(forgetFailure(state, rev('A')))).toEqual(['build refs/heads/develop'])
    expect(steps(absorbLook(state, look([head('develop', 'B', 'A')]), 2000))).toEqual(['build refs/heads/develop'])
  })

  test('are not made for a name that no image tag can carry', () => {
    const state = absorbLook(develop(), look(hostile.filter((name) => name !== '').map((name) => tag(name, 'T'))), 2000)
    const served = repositorySteps(state).flatMap((step) => (step.kind === 'build' ? [step.ref] : []))
    for (const ref of served) expect(ref).toMatch(/^refs\/[A-Za-z0-9._/-]+$/)
  })

  test('of many tags that appear at once are an import: only those of open sprints are built', () => {
    const tags = Array.from({ length: IMPORT_OF_TAGS + 1 }, (_, index) => tag(`v0.${index}.0`, `T${index}`))
    const base = built(develop(), 'A')
    const before = steps(base).length
    expect(steps(absorbLook(base, look(tags), 2000))).toHaveLength(before)
    expect(steps(absorbLook(sprint(base), look([...tags, tag('v1.0.0', 'A')]), 2000))).toContain('name v1.0.0')
    expect(steps(absorbLook(base, look(tags.slice(1)), 2000))).toHaveLength(before + IMPORT_OF_TAGS)
  })
})

describe('naming and handing over', () => {
  const ready = built(develop(), 'A')

  test("develop's images are named, then handed to what develop feeds, once", () => {
    expect(steps(ready)).toEqual([`name develop.${short('A')}`])
    const next = named(ready, 'refs/heads/develop', 'A')
    expect(steps(next)).toEqual([`hand integration develop.${short('A')}`])
    expect(steps({ ...next, handedOver: { integration: rev('A') } })).toEqual([])
  })

  test('a git tag never moves an image tag, a branch may', () => {
    const state = absorbLook(ready, look([tag('v1.0.0', 'A')]), 2000)
    const moves = repositorySteps(state).flatMap((step) => (step.kind === 'name' ? [[step.ref, step.move]] : []))
    expect(Object.fromEntries(moves)).toEqual({ 'refs/heads/develop': true, 'refs/tags/v1.0.0': false })
  })

  test('what cannot be named is a problem of its ref alone, until the ref moves', () => {
    const state = markRef(ready, 'refs/heads/develop', rev('A'), { problem: 'the registry refuses the name' })
    expect(steps(state)).toEqual([])
    expect(sprintFacts(sprint(state), '1.0.0').develop?.build).toEqual({
      status: 'failed',
      reason: 'the registry refuses the name',
      log: null,
    })
    expect(steps(absorbLook(state, look([head('develop', 'B', 'A')]), 2000))).toEqual(['build refs/heads/develop'])
  })

  test('a mark for a revision that the ref has left changes nothing', () => {
    const moved = absorbLook(ready, look([head('develop', 'B', 'A')]), 2000)
    expect(named(moved, 'refs/heads/develop', 'A')).toEqual(moved)
  })

  test('a develop that was rewritten is handed over though it may be older', () => {
    const rewritten = absorbLook(develop(), look([head('develop', 'Z', 'A', true)]), 2000)
    expect(rewritten.entries.at(-1)).toMatchObject({
      event: 'rewritten',
      text: `develop was rewritten from ${short('A')} to ${short('Z')}`,
    })
    const hand = (state: RepositoryState, at: string) =>
      repositorySteps(named(built(state, at), 'refs/heads/develop', at)).find((step) => step.kind === 'handOver')
    expect(hand(rewritten, 'Z')).toMatchObject({ rewritten: true })
    expect(hand(absorbLook(rewritten, look([head('develop', 'B', 'Z')]), 3000), 'B')).toMatchObject({ rewritten: false })
  })
})

describe('what a sprint is told', () => {
  const state = absorbLook(
    sprint(develop()),
    look([
      head('release-1.0.0', 'B'),
      tag('v1.0.0-hotfix10', 'B'),
      tag('v1.0.0-hotfix2', 'B'),
      tag('v1.0.0', 'B'),
      tag('v1.0.1', 'B'),
      tag('v11.0.0', 'B'),
    ]),
    2000,
  )

  test('is its branch, its tags in their order, and develop while it integrates', () => {
    const facts = sprintFacts(state, '1.0.0')
    expect(facts.develop?.name).toBe('develop')
    expect(facts.release?.name).toBe('release-1.0.0')
    expect(facts.tags.map(({ name }) => name)).toEqual(['v1.0.0', 'v1.0.0-hotfix2', 'v1.0.0-hotfix10'])
    expect(sprintFacts(sprint(state, 'stabilising'), '1.0.0').develop).toBeNull()
  })

  test('follows each build to where its images are named', () => {
    const status = (of: RepositoryState) => sprintFacts(of, '1.0.0').release?.build.status
    expect(status(state)).toBe('waiting')
    expect(status(building(state, 'B', 'release-1.0.0'))).toBe('building')
    expect(status(built(state, 'B'))).toBe('building')
    expect(status(named(built(state, 'B'), 'refs/heads/release-1.0.0', 'B'))).toBe('built')
    expect(status(broken(state, 'B'))).toBe('failed')
  })

  test('stays small, whatever is pushed', () => {
    const many = Array.from({ length: 200 }, (_, index) => tag(`v1.0.0-hotfix${index + 1}`, `H${index}`))
    const flooded = many.reduce((next, change, index) => built(absorbLook(next, look([change]), 3000 + index), `H${index}`), state)
    expect(sprintFacts(flooded, '1.0.0').tags).toHaveLength(10)
    expect(JSON.stringify(sprintFacts(flooded, '1.0.0')).length).toBeLessThan(32 * 1024)
  })

  test('is nothing for one that is not open', () => {
    expect(sprintFacts(state, '2.0.0')).toEqual({ develop: null, release: null, tags: [], features: [] })
    expect(sprintFacts(closeSprint(state, '1.0.0'), '1.0.0').release).toBeNull()
  })

  test('includes what was there before it began', () => {
    const old = first([head('develop', 'A'), head('release-1.0.0', 'B')])
    const wanted = wantVersion(
      sprint(old),
      [
        { ref: 'refs/heads/release-1.0.0', revision: rev('B') },
        { ref: 'refs/tags/v1.0.0-hotfix1', revision: rev('B') },
        { ref: 'refs/tags/v1.0.0', revision: null },
      ],
      2000,
    )
    expect(steps(wanted)).toEqual(['build refs/heads/develop', 'build refs/heads/release-1.0.0'])
    expect(sprintFacts(wanted, '1.0.0').tags.map(({ name }) => name)).toEqual(['v1.0.0-hotfix1'])
  })
})

describe('a deleted ref', () => {
  test('is recorded with where it was, and its build is not begun', () => {
    const state = absorbLook(develop(), look([head('develop', null, 'A')]), 2000)
    expect(steps(state)).toEqual([])
    expect(state.entries.at(-1)).toMatchObject({ event: 'deleted', text: `develop was deleted; it was at ${short('A')}` })
    expect(steps(absorbLook(state, look([head('develop', 'A')]), 3000))).toEqual(['build refs/heads/develop'])
  })
})

test('an outage is a reason, from when it began, and no deletion', () => {
  const away = absorbOutage(absorbOutage(develop(), 'the host does not answer', 2000), 'still not', 3000)
  expect(away.outage).toEqual({ reason: 'still not', since: 2000 })
  expect(away.refs).toEqual(develop().refs)
  expect(absorbLook(away, look([]), 4000).outage).toBeNull()
})

describe('bounds', () => {
  test('what an open sprint follows is never forgotten, and everything stays under 64 KiB', () => {
    let state = sprint(absorbLook(develop(), look([head('release-1.0.0', 'B'), tag('v1.0.0', 'B')]), 2000), 'stabilising')
    state = sprint(named(named(built(state, 'B'), 'refs/heads/release-1.0.0', 'B'), 'refs/tags/v1.0.0', 'B'), 'stabilising')
    for (let index = 0; index < 300; index++) {
      const [name, at] = [`t${index}`, `T${index}`]
      state = absorbLook(state, look([tag(name, at)]), 3000 + index)
      for (const step of repositorySteps(state)) if (step.kind === 'build') state = index % 3 === 0 ? broken(state, at) : built(state, at)
      state = named(state, `refs/tags/${name}`, at)
      expect(repositorySteps(state).filter((step) => step.kind === 'build' && step.ref.startsWith('refs/tags/t'))).toEqual([])
    }
    const facts = sprintFacts(state, '1.0.0')
    expect([facts.release?.build.status, facts.tags[0]?.build.status]).toEqual(['built', 'built'])
    expect(JSON.stringify(state).length).toBeLessThan(64 * 1024)
  })

  test('a build that was forgotten is asked for again when a sprint needs its digests', () => {
    let state = named(built(absorbLook(develop(), look([head('release-2.0.0', 'B')]), 2000), 'B'), 'refs/heads/release-2.0.0', 'B')
    state = named(built(state, 'A'), 'refs/heads/develop', 'A')
    for (let index = 0; index < 40; index++)
      state = named(
        built(absorbLook(state, look([tag(`t${index}`, `T${index}`)]), 3000 + index), `T${index}`),
        `refs/tags/t${index}`,
        `T${index}`,
      )
    expect(state.builds.some((build) => build.revision === rev('B'))).toBe(false)
    expect(steps(state).filter((step) => step.startsWith('build'))).toEqual([])
    expect(steps(wantVersion(sprint(state, 'integrating', '2.0.0'), [], 9000))).toContain('build refs/heads/release-2.0.0')
  })
})

describe('a sprint starts', () => {
  const wish = { version: '1.0.0', features: ['feature/x'], released: false }
  test('when none is in the way', () => {
    expect(judgeStart([], wish)).toBeNull()
    expect(judgeStart([{ version: '0.9.0', phase: 'stabilising', features: [] }], wish)).toBeNull()
  })

  test.each([
    [
      'its version is open already',
      [{ version: '1.0.0', phase: 'live', features: [] } as const],
      wish,
      'the sprint 1.0.0 is open already (live)',
    ],
    [
      'another integrates',
      [{ version: '0.9.0', phase: 'integrating', features: [] } as const],
      wish,
      'the sprint 0.9.0 is still integrating, and only one sprint integrates at a time',
    ],
    ['it is released', [], { ...wish, released: true }, '1.0.0 is released: its tag v1.0.0 exists. Start the next version'],
    ['its version is none', [], { ...wish, version: '1.0.0;rm' }, 'expected a version of three numbers such as 1.0.0, found "1.0.0;rm"'],
    ['a feature cannot be served', [], { ...wish, features: ['-rf'] }, 'expected a branch or tag name'],
  ])('not when %s', (_, open, bad, reason) => {
    expect(judgeStart(open, bad)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
  })
})

test('the Temporal UI shows what is built and why not', () => {
  const text = repositoryDetails(broken(absorbOutage(sprint(develop()), '<b>down</b>', 2000), 'A'))
  expect(text).toContain('1.0.0 (integrating)')
  expect(text).toContain('\\<b\\>down')
  expect(text).toContain(`- develop ${short('A')}: failed`)
})
