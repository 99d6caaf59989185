import { expect, test } from 'vitest'
import { fenceName, formatFence, readFence } from '../../../activities/kustomize/fence-token.ts'

test('two projects with the same environment in one namespace keep apart', () => {
  expect(fenceName({ project: 'a-b', environment: 'c' })).not.toBe(fenceName({ project: 'a', environment: 'b-c' }))
})

test('reads what it wrote, and no nonsense', () => {
  expect(readFence({ epoch: '7', attempt: '2' })).toEqual({ epoch: 7, attempt: 2 })
  const identity = '0a1b2c3d4e5f'
  expect(readFence({ epoch: '7', attempt: '2', identity })).toEqual({ epoch: 7, attempt: 2, identity })
  expect(formatFence({ epoch: 7, attempt: 2, identity })).toBe('7.2')
  expect(readFence({ epoch: '7' })).toBeNull()
  expect(readFence({ epoch: '-1', attempt: '1e3' })).toBeNull()
  expect(readFence({ epoch: '7', attempt: '2', identity: 'x; reboot' })).toBeNull()
  expect(readFence(undefined)).toBeNull()
})
