import { z } from 'zod'
import type { Deployed, EnvironmentState } from '../domain/environment/state.ts'

/** What lies where in a bundle. Every member but the manifest and its signature is in the manifest. */

/** Of `ssh-keygen -Y sign -n`: over the manifest and over the attestations. */
export const EVIDENCE_NAMESPACE = 'slipway-evidence'

export const HEAD = 'evidence.json'
export const SPRINT = 'sprint.json'
export const ENVIRONMENTS = 'environments/'
export const STATEMENTS = 'statements/'
export const CONTENTS = 'contents/'
export const ATTESTATIONS = 'attestations/'
export const HISTORIES = 'histories/'

/** The first thing to read. */
export type Head = {
  readonly format: 'slipway-evidence/1'
  readonly project: string
  readonly version: string
  readonly phase: string
  /** Milliseconds since 1970. */
  readonly exportedAt: number
  /** The fingerprint of the key that signed it; null: nobody did. */
  readonly signer: string | null
  /** The digest of the bundle that was kept of this version before: it was opened anew. Null: none. */
  readonly previous: string | null
  /** What belongs in it and could not be had, and why. */
  readonly missing: readonly Missing[]
}

export type Missing = { readonly what: string; readonly why: string }

/** What an environment knows of one version. */
export type EnvironmentEvidence = Pick<
  EnvironmentState,
  'project' | 'name' | 'settings' | 'waiting' | 'running' | 'parked' | 'closed' | 'unconfirmed' | 'vetoes' | 'entries'
> & {
  /** What was verified there, the oldest first. */
  readonly deployments: readonly DeploymentEvidence[]
}

export type DeploymentEvidence = Omit<Deployed, 'observed'> & {
  /** What the rollout and the health checks showed; null where neither the deployment's history nor the environment has it. */
  readonly observed: readonly string[] | null
}

/** What `statements/<digest>.json` holds: see domain/signed.ts. */
export const signedStatement = z.object({ statement: z.string().max(200_000), signature: z.string().max(20_000) })

export const head = z.object({
  format: z.literal('slipway-evidence/1'),
  project: z.string(),
  version: z.string(),
  phase: z.string(),
  exportedAt: z.number(),
  signer: z.string().nullable(),
  previous: z.string().nullable(),
  missing: z.array(z.object({ what: z.string(), why: z.string() })),
})

const person = z.looseObject({
  kind: z.string(),
  name: z.string(),
  verified: z.boolean().optional(),
  key: z.string().optional(),
  statement: z.string().optional(),
})
const time = z.number()
const vote = z.looseObject({ by: person, at: time })
const image = z.looseObject({ service: z.string(), repository: z.string(), digest: z.string() })
const policy = z.looseObject({ count: z.int(), required: z.array(z.string()), verified: z.boolean() })

const approval = z.looseObject({
  request: z.string(),
  hash: z.string(),
  by: person,
  at: time,
  earlier: z.array(vote).optional(),
  policy: policy.optional(),
})

const deployment = z.looseObject({
  epoch: z.int().nonnegative(),
  request: z.string(),
  tag: z.string(),
  askedAt: time,
  since: time,
  snapshot: z.looseObject({
    hash: z.string(),
    content: z.string(),
    candidate: z.looseObject({ revision: z.string(), images: z.array(image) }),
    hooks: z.array(z.looseObject({ content: z.string() })).optional(),
  }),
  approval: approval.nullable(),
  guarded: z.boolean().optional(),
  rests: z.union([approval, z.literal('adopted')]).optional(),
  rollback: z.looseObject({}).optional(),
  origin: z.int().nonnegative().optional(),
  adopted: z.literal(true).optional(),
})

const settings = z.looseObject({
  from: z.string(),
  guarded: z.boolean(),
  approvers: z.array(z.string()),
  approval: policy.optional(),
})

/** As far as a check needs it; what else stands there is the environment's own. */
export const environmentEvidence = z.looseObject({
  project: z.string(),
  name: z.string(),
  settings: settings.nullable(),
  deployments: z.array(deployment),
})

/** The record of the sprint: `state` is the workflow's own. */
export const sprintEvidence = z.looseObject({ state: z.looseObject({ project: z.string(), version: z.string() }) })

export type CheckedEnvironment = z.output<typeof environmentEvidence>
export type CheckedDeployment = z.output<typeof deployment>
export type CheckedApproval = z.output<typeof approval>
