import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PlannedChange } from '../../../activities/contract.ts'
import { otherwise, removals, unseenRemovals } from '../../../activities/plan/compare.ts'

const change = (object: string, kind: PlannedChange['change'], diff: string | null = null): PlannedChange => ({
  object,
  change: kind,
  diff,
  note: null,
})

const seen = [change('configmap/old', 'delete'), change('job/migrate', 'replace'), change('deployment/web', 'update', '+a')]

test('what is taken away and was not shown is named, with what becomes of it', () => {
  expect(removals(seen).names).toEqual(['delete configmap/old', 'replace job/migrate'])
  expect(unseenRemovals(seen, seen)).toEqual({ names: [], left: 0 })
  const now = [...seen, change('service/extra', 'delete'), change('deployment/api', 'replace')]
  expect(unseenRemovals(seen, now).names).toEqual(['delete service/extra', 'replace deployment/api'])
  // Nothing was shown: nothing of it was seen.
  expect(unseenRemovals(null, seen).names).toEqual(['delete configmap/old', 'replace job/migrate'])
})

test('an object that was to be updated and would be replaced now was not shown as that', () => {
  expect(unseenRemovals(seen, [change('deployment/web', 'replace', '+a')]).names).toEqual(['replace deployment/web'])
  expect(unseenRemovals(seen, [change('job/migrate', 'delete')]).names).toEqual(['delete job/migrate'])
})

test('all that is otherwise is told, and what is as it was shown is not', () => {
  expect(otherwise(seen, seen)).toEqual({ names: [], left: 0 })
  expect(
    otherwise(seen, [
      change('deployment/web', 'update', '+b'),
      change('job/migrate', 'unchanged'),
      change('service/new', 'create'),
      change('service/same', 'unchanged'),
    ]).names,
  ).toEqual([
    'update deployment/web (of other fields or values)',
    'unchanged job/migrate (was replace)',
    'create service/new (was not planned)',
    'configmap/old (was delete) is left as it is',
  ])
})

test('however long a plan is, what a state remembers of it is short', () => {
  const many = Array.from({ length: 300 }, (_, index) => change(`configmap/${'x'.repeat(300)}${index}`, 'delete'))
  const { names, left } = unseenRemovals(null, many)
  expect([names.length, left]).toEqual([20, 280])
  expect(JSON.stringify(names).length).toBeLessThan(4000)
})

const kinds = ['create', 'update', 'replace', 'delete', 'unchanged', 'unknown'] as const
const plans = fc.uniqueArray(fc.record({ object: fc.constantFrom('a', 'b', 'c', 'd'), change: fc.constantFrom(...kinds) }), {
  selector: ({ object }) => object,
})
const planOf = (changes: readonly { object: string; change: (typeof kinds)[number] }[]) =>
  changes.map((each) => change(each.object, each.change))

test('a plan that takes nothing more away than was shown has nothing unseen, whatever else it changes', () => {
  fc.assert(
    fc.property(plans, plans, (before, after) => {
      const [a, b] = [planOf(before), planOf(after)]
      const isMore = b.some(
        ({ object, change: kind }) =>
          (kind === 'delete' || kind === 'replace') && !a.some((each) => each.object === object && each.change === kind),
      )
      expect(unseenRemovals(a, b).names.length > 0).toBe(isMore)
      // Whatever is unseen is told as otherwise too.
      if (isMore) expect(otherwise(a, b).names.length).toBeGreaterThan(0)
    }),
  )
})
