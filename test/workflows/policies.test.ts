import { expect, test } from 'vitest'
import * as policies from '../../workflows/policies.ts'

test.each(Object.entries(policies))('%s limits one attempt, and notices a worker that died', (_, policy) => {
  expect(policy.startToCloseTimeout).toBeDefined()
  expect(policy.heartbeatTimeout).toBe('10s')
})
