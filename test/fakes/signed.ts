import { makeStatement } from '../../client/sign/signer.ts'
import type { Action } from '../../domain/authorise.ts'
import type { ApprovalPolicy, Rights } from '../../domain/rights.ts'
import type { EnvironmentSettings } from '../../domain/settings.ts'
import { ARTICLE_ENVIRONMENTS, sha256, type World } from './world.ts'

/** One person for most roles, and words that have to be signed. */
export const RIGHTS: Rights = {
  roles: { developer: ['dora'], qa: ['quinn'], 'release-manager': ['rita'], approver: ['anne', 'bob'], admin: ['ada'] },
  verified: true,
}

const POLICY: ApprovalPolicy = {
  count: 1,
  required: [],
  author: true,
  tagger: true,
  expiresMs: 86_400_000,
  reason: false,
  verified: true,
  addressed: [],
}

/** The article's environments, with a policy for approvals on prod. */
export function withPolicy(policy: Partial<ApprovalPolicy> = {}): EnvironmentSettings[] {
  return ARTICLE_ENVIRONMENTS.map((each) =>
    each.name === 'prod' ? { ...each, target: 'script' as const, approval: { ...POLICY, ...policy } } : each,
  )
}

let made = 0

/** A message as the command line makes it, with a signature that the world knows. What stands beside it counts for nothing. */
export function signedBy(world: World, who: string, place: string, action: Action, message: object, now = Date.now()) {
  const { project } = world.settings
  const nonce = `${'n'.repeat(16)}${++made}`
  const statement = makeStatement({ project, place, action, message: { ...message } }, { who, nonce, now })
  const signature = `${sha256(statement)} by ${who}`
  world.signers.set(signature, who)
  return { ...message, by: { kind: 'person', name: 'ada', verified: true }, signed: { statement, signature } }
}
