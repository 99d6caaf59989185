import { describe, expect, test } from 'vitest'
import { authorise, whoMay, type Policy } from '../../domain/authorise.ts'
import type { Actor } from '../../domain/actor.ts'
import { ROLES, type Rights, type Role } from '../../domain/rights.ts'
import { ACTIONS, mayBe } from '../fakes/who-may.ts'

/** One person for each role, called by it. */
const roles = Object.fromEntries(ROLES.map((role) => [role, [role]])) as unknown as Record<Role, string[]>
const policy = (change: Partial<Policy> = {}, rights: Partial<Rights> = {}): Policy => ({
  where: 'prod',
  rights: { roles, verified: false, ...rights },
  approvers: [],
  guarded: true,
  ...change,
})
const person = (name: string, verified = false): Actor => ({ kind: 'person', name, verified })

describe.each(ACTIONS)('%s', (action) => {
  test.each([...ROLES, 'stranger'])('by %s', (name) => {
    for (const guarded of [true, false]) {
      const may = mayBe(action, name, guarded)
      const answer = authorise(action, person(name), policy({ guarded }))
      expect(answer === null, `${guarded}`).toBe(may)
      if (answer !== null) expect(answer).toMatchObject({ kind: 'rights', reason: expect.stringContaining(name) })
    }
  })

  test('by a name alone, where words have to be signed', () => {
    const signed = policy({}, { verified: true })
    expect(authorise(action, person('admin'), signed)).toMatchObject({ kind: 'rights', reason: expect.stringContaining('signed') })
    expect(authorise(action, person('admin', true), signed)).toBeNull()
    expect(authorise(action, person('stranger', true), signed)).not.toBeNull()
    expect(authorise(action, person('anybody'), policy({}, { verified: true, roles: null }))).not.toBeNull()
  })

  test('by nobody and by a machine', () => {
    for (const by of [person(''), person(' \t'), { kind: 'automation', name: 'admin' } as const])
      expect(authorise(action, by, policy({ rights: null }))).toMatchObject({ kind: 'rights' })
  })

  test('by anybody, where nothing is said of roles and approvers', () => {
    expect(authorise(action, person('anybody'), policy({ rights: null }))).toBeNull()
  })
})

test('approvers of an environment decide there alone, with roles and without', () => {
  const named = policy({ approvers: ['zoe'] })
  for (const action of ['approve', 'reject', 'withdrawApproval', 'breakGlass', 'confirm'] as const) {
    expect(whoMay(action, named)).toEqual(['zoe'])
    expect(authorise(action, person('admin'), named)).not.toBeNull()
    expect(authorise(action, person('approver'), named)).not.toBeNull()
  }
  expect(whoMay('rollback', named)).toEqual(['release-manager', 'approver', 'zoe', 'admin'])
  expect(whoMay('signOff', named)).toEqual(['qa', 'admin'])
  const alone = policy({ approvers: ['zoe'], rights: null })
  expect(ACTIONS.filter((action) => whoMay(action, alone) !== null)).toEqual([
    'approve',
    'reject',
    'withdrawApproval',
    'rollback',
    'override',
    'force',
    'veto',
    'unveto',
    'resolve',
    'breakGlass',
    'confirm',
  ])
})

test('a name that every object has is nobody', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) expect(authorise('tag', person(name), policy())).not.toBeNull()
})
