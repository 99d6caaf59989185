export const ROLES = ['developer', 'qa', 'release-manager', 'approver', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** What people may do in a project, with groups already resolved into names. */
export type Rights = {
  /** Who has which role; null: the estate names no roles, and everybody may. */
  readonly roles: Readonly<Record<Role, readonly string[]>> | null
  /** A person's word counts only when it is signed. */
  readonly verified: boolean
}

/** What an approval of a guarded environment needs. Who may give one stands in `approvers` of the environment. */
export type ApprovalPolicy = {
  /** So many different people. */
  readonly count: number
  /** People without whom it is not approved, however many others approve. */
  readonly required: readonly string[]
  /** May who wrote some of it approve it? */
  readonly author: boolean
  /** May who made its tag? */
  readonly tagger: boolean
  /** An approval older than this lapses. */
  readonly expiresMs: number
  /** An approval says why. */
  readonly reason: boolean
  /** A person's word counts here only when it is signed. */
  readonly verified: boolean
  /** The people whose addresses the estate tells: of nobody else can be said whether they wrote it. */
  readonly addressed: readonly string[]
}
