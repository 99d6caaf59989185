import { expect, test } from 'vitest'
import { environmentSettings, projectSettings } from '../../activities/estate.ts'
import { expanded, identitiesOf, personOf } from '../../config/people.ts'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig } from '../../config/read.ts'
import { change, ESTATE } from './texts.ts'

const read = (text: string) => parseConfig('estate', { text, file: 'estate.yaml' })

function estate(text: string) {
  const parsed = read(text)
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems))
  return { file: parsed.value, hash: parsed.hash }
}

const PEOPLE = `signers: allowed_signers
people:
  anne: { emails: [Anne@Example.org, anne@home.example] }
groups:
  leads: [anne, bob]
`
const PROD = (approval: string) => change(ESTATE, 'approvers: [alice]', `approvers: [leads, carol]\n        approval: ${approval}`)

test('groups are people, each once, wherever they are named', () => {
  const text = change(
    PROD('{ count: 2, required: [anne] }'),
    '  website:\n    repository:',
    '  website:\n    roles: { qa: [leads, anne, dan] }\n    repository:',
  )
  const settings = environmentSettings(estate(PEOPLE + text), 'website', 'prod')
  expect(settings.approvers).toEqual(['anne', 'bob', 'carol'])
  expect(settings.rights?.roles).toEqual({ developer: [], qa: ['anne', 'bob', 'dan'], 'release-manager': [], approver: [], admin: [] })
  expect(settings.approval).toMatchObject({ count: 2, required: ['anne'], expiresMs: 86_400_000, addressed: ['anne'] })
})

test('an estate that says nothing of people gives everybody every right, and asks for no signature', () => {
  const settings = projectSettings(estate(ESTATE), 'website')
  expect(settings).not.toHaveProperty('rights')
  expect(settings.environments.find(({ name }) => name === 'prod')?.approval).toMatchObject({
    count: 1,
    author: true,
    tagger: true,
    verified: false,
  })
  expect(settings.environments.find(({ name }) => name === 'alpha')).not.toHaveProperty('approval')
})

test.each([
  ['the environment alone', PROD('{ verified: true }'), false],
  ['the project', change(PROD('{ count: 1 }'), '  website:\n    repository:', '  website:\n    verified: true\n    repository:'), true],
])('%s asks for signed words, and then authors and taggers may not approve', (_, text, sprints) => {
  const of = estate(PEOPLE + text)
  const prod = environmentSettings(of, 'website', 'prod')
  expect(prod.rights).toEqual({ roles: null, verified: true })
  expect(prod.approval).toMatchObject({ verified: true, author: false, tagger: false })
  expect(projectSettings(of, 'website').rights?.verified ?? false).toBe(sprints)
})

test('who is in a group is part of what a project knows', () => {
  const before = projectSettings(estate(PEOPLE + PROD('{ count: 1 }')), 'website').hash
  expect(projectSettings(estate(change(PEOPLE, 'anne, bob', 'anne, bob, mallory') + PROD('{ count: 1 }')), 'website').hash).not.toBe(before)
})

test('a person is known by the name and by every address, in any case', () => {
  const { file } = estate(PEOPLE + ESTATE)
  expect(['anne', 'ANNE@example.org', 'anne@home.example'].map((each) => personOf(file, each))).toEqual(['anne', 'anne', 'anne'])
  expect(personOf(file, 'Bob@Example.org')).toBe('Bob@Example.org')
  expect(expanded(file, ['ANNE@example.org', 'leads', 'Bob@Example.org'])).toEqual(['anne', 'bob', 'Bob@Example.org'])
  expect(personOf(file, '__proto__')).toBe('__proto__')
  expect(identitiesOf(file, 'anne')).toEqual(['anne', 'Anne@Example.org', 'anne@home.example'])
})

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['more than there are', PEOPLE + PROD('{ count: 4 }'), 'approval.count: found 4, of 3 who may approve; expected at most 3'],
  [
    'a stranger',
    PEOPLE + PROD('{ required: [zoe] }'),
    'required[0]: found zoe, who is not among the approvers; expected one of anne, bob, carol',
  ],
  [
    'a group in a group',
    change(PEOPLE, '[anne, bob]', '[anne, leads]') + ESTATE,
    'groups.leads[1]: found the group "leads"; expected people',
  ],
  ['a group like a person', change(PEOPLE, 'leads:', 'anne:') + ESTATE, 'groups.anne: found "anne", which is a person too'],
  [
    'one address twice',
    change(PEOPLE, 'groups:', '  eve: { emails: [anne@example.org] }\ngroups:') + ESTATE,
    'people.eve.emails[0]: found an address of anne',
  ],
  [
    'signatures that nobody can give',
    change(PEOPLE, 'signers: allowed_signers\n', '') + PROD('{ verified: true }'),
    'found signed words asked for, and nobody who can sign',
  ],
  [
    'a policy where nobody is asked',
    change(ESTATE, 'from: release', 'from: release\n        approval: { count: 2 }'),
    'alpha.approval: found a policy for approvals where nobody is asked',
  ],
  [
    'a required group',
    PEOPLE + change(ESTATE, 'approvers: [alice]', 'approval: { required: [leads] }'),
    'found the group leads; expected people',
  ],
  [
    'a role that there is not',
    change(ESTATE, '  website:\n    repository:', '  website:\n    roles: { aprover: [anne] }\n    repository:'),
    'unknown key "aprover"; did you mean "approver"?',
  ],
]

test.each(REFUSED)('%s is a mistake', (_, text, problem) => {
  const parsed = read(text)
  expect(parsed.ok ? 'valid' : formatProblems(parsed.problems)).toContain(problem)
})
