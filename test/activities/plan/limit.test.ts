import { expect, test } from 'vitest'
import type { PlannedChange } from '../../../activities/contract.ts'
import { limited, sorted } from '../../../activities/plan/limit.ts'

const change = (object: string, kind: PlannedChange['change'] = 'update', diff: string | null = '+a'): PlannedChange => ({
  object,
  change: kind,
  diff,
  note: null,
})

test('what takes something away comes first, what stays last', () => {
  const kinds = ['unchanged', 'update', 'unknown', 'create', 'replace', 'delete'] as const
  expect(sorted(kinds.map((kind) => change(kind, kind))).map(({ object }) => object)).toEqual([
    'delete',
    'replace',
    'create',
    'update',
    'unknown',
    'unchanged',
  ])
})

test('a small plan is whole', () => {
  const changes = [change('a', 'delete'), change('b')]
  expect(limited(changes)).toEqual({
    changes,
    left: 0,
    complete: true,
    counts: { create: 0, update: 1, replace: 0, delete: 1, unchanged: 0, unknown: 0 },
  })
})

test('of a large one, a history holds what fits, and says how much there is besides', () => {
  const many = limited(Array.from({ length: 300 }, (_, index) => change(`configmap/c${index}`)))
  expect(many).toMatchObject({ left: 100, complete: false, counts: { update: 300 } })

  const wide = limited(Array.from({ length: 100 }, (_, index) => change(`configmap/c${index}`, 'update', '+ä"\n'.repeat(500))))
  expect(Buffer.byteLength(JSON.stringify(wide))).toBeLessThan(49_000)
  expect(wide.changes.length + wide.left).toBe(100)

  const long = limited([change('configmap/a', 'update', `@@ -1,1 +1,1000 @@\n${'+one line of it\n'.repeat(1000)}`), change('b')])
  expect(long).toMatchObject({ left: 0, complete: false })
  expect(long.changes[0]?.diff).toMatch(/^@@ -1,1 \+1,1000 @@\n\+one line of it\n[^]*\n… and \d{3} more lines$/)
  expect(long.changes[1]?.diff).toBe('+a')
})
