import { expect, test } from 'vitest'
import { takeAnnouncements } from '../../../domain/environment/announcements.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { alpha, ANNE, failed, request, running, settingsOf, verified } from '../samples.ts'

const listened = (state: EnvironmentState): EnvironmentState => ({ ...state, settings: { ...settingsOf('alpha'), announced: true } })

test('where nobody listens nothing is said, and nothing is remembered', () => {
  const state = verified(alpha(), request('A'))
  expect(takeAnnouncements(state, 3000)).toEqual({ state, news: [] })
})

test('what happened is told once, also by a workflow that began anew', () => {
  const first = takeAnnouncements(listened(running(alpha(), request('A'))), 2000)
  expect(first.news.map(({ kind, epoch }) => [kind, epoch])).toEqual([['deploying', 1]])
  const again = takeAnnouncements(JSON.parse(JSON.stringify(first.state)) as EnvironmentState, 2000)
  expect(again.news).toEqual([])
  expect(again.state).toEqual(first.state)
})

test('a failure says what runs now, and the same request that fails once more is another event', () => {
  const once = takeAnnouncements(listened(failed(running(alpha(), request('A')), 'intact', 4000)), 4000)
  expect(once.news.map(({ kind, text }) => [kind, text])).toEqual([
    ['failed', expect.stringMatching(/failed on alpha, nothing was changed there: the pods crash$/)],
  ])
  const twice = takeAnnouncements(listened(failed(running(once.state, request('B')), 'broken', 5000)), 5000)
  expect(twice.news.map(({ kind }) => kind)).toEqual(['failed'])
  expect(twice.news[0]?.id).not.toBe(once.news[0]?.id)
})

test('what is old when somebody begins to listen is not told, then or later', () => {
  const late = takeAnnouncements(listened(verified(alpha(), request('A'), 3000)), 3_000_000)
  expect(late.news).toEqual([])
  expect(takeAnnouncements(late.state, 3_000_000).news).toEqual([])
})

test('ids are what a header takes, and what is remembered is bounded', () => {
  let state: EnvironmentState = listened(alpha())
  const ids: string[] = []
  for (let round = 1; round <= 60; round++) {
    const taken = takeAnnouncements(listened(verified(state, request(`R${round}`), round * 1000)), round * 1000)
    ids.push(...taken.news.map(({ id }) => id))
    state = taken.state
  }
  expect(new Set(ids).size).toBe(60)
  expect(ids.every((id) => /^[a-z0-9/-]+$/.test(id))).toBe(true)
  expect(state.announced?.length).toBeLessThanOrEqual(40)
})

test('what runs again because somebody went back is told as that, with the reason', () => {
  const state = verified(alpha(), request('A'))
  if (state.current === null) throw new Error('nothing runs')
  const rollback = { fromEpoch: 2, fromTag: 'v2.0.0', fromVersion: null, by: ANNE, reason: 'checkout is slow' }
  const { news } = takeAnnouncements(listened({ ...state, current: { ...state.current, rollback } }), 3000)
  expect(news.map(({ kind, text }) => [kind, text])).toEqual([
    ['rolledBack', `${state.current.tag} runs on alpha again, instead of v2.0.0: anne (unverified) went back, checkout is slow`],
  ])
})
