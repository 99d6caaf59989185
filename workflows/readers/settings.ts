import { parseRefName } from '../../domain/ref-name.ts'
import type { BranchNames } from '../../domain/ref-rules.ts'
import { ROLES, type ApprovalPolicy, type Rights, type Role } from '../../domain/rights.ts'
import type { EnvironmentSettings, ProjectSettings } from '../../domain/settings.ts'
import { name } from './parts.ts'
import { count, flag, list, nullable, object, oneOf, optional, textThat, type Reader } from './shape.ts'

/** What the repository says of the estate. Who may do what is never taken from it; see the sprint. */

const names = list(name)
const prefix = textThat('the beginning of a branch name', (given) => parseRefName(`${given}1.0.0`).ok)

const rights = object<Rights>({
  roles: nullable(object<Readonly<Record<Role, readonly string[]>>>(Object.fromEntries(ROLES.map((role) => [role, names])) as never)),
  verified: flag,
})

const approval = object<ApprovalPolicy>({
  count,
  required: names,
  author: flag,
  tagger: flag,
  expiresMs: count,
  reason: flag,
  verified: flag,
  addressed: names,
})

const environment = object<EnvironmentSettings>({
  name,
  from: oneOf('develop', 'release', 'tag'),
  guarded: flag,
  approvers: names,
  approval: optional(approval),
  rights: optional(rights),
  freeze: optional(object<NonNullable<EnvironmentSettings['freeze']>>({ rollbacks: oneOf('pass', 'held') })),
  target: oneOf('compose', 'kustomize', 'script'),
  answers: optional(list(oneOf('plan', 'status', 'restore'))),
  announced: optional(oneOf(true)),
})

export const projectSettings: Reader<ProjectSettings> = object<ProjectSettings>({
  project: name,
  branches: object<BranchNames>({ develop: name, master: name, releasePrefix: prefix }),
  environments: list(environment),
  sweepSeconds: count,
  rights: optional(rights),
  announced: optional(oneOf(true)),
  hash: name,
})
