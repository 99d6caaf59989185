import { expect, test } from 'vitest'
import { compareFences, fenceName, formatFence, readFence } from '../../../activities/kustomize/fence-token.ts'

test('the epoch decides, then the attempt', () => {
  expect(compareFences({ epoch: 2, attempt: 1 }, { epoch: 1, attempt: 9 })).toBeGreaterThan(0)
  expect(compareFences({ epoch: 1, attempt: 1 }, { epoch: 1, attempt: 2 })).toBeLessThan(0)
  expect(compareFences({ epoch: 1, attempt: 2 }, { epoch: 1, attempt: 2 })).toBe(0)
})

test('two projects with the same environment in one namespace keep apart', () => {
  expect(fenceName({ project: 'a-b', environment: 'c' })).not.toBe(fenceName({ project: 'a', environment: 'b-c' }))
})

test('reads what it wrote, and no nonsense', () => {
  expect(readFence({ epoch: '7', attempt: '2' })).toEqual({ epoch: 7, attempt: 2 })
  expect(formatFence({ epoch: 7, attempt: 2 })).toBe('7.2')
  expect(readFence({ epoch: '7' })).toBeNull()
  expect(readFence({ epoch: '-1', attempt: '1e3' })).toBeNull()
  expect(readFence(undefined)).toBeNull()
})
