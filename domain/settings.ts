import type { BranchNames } from './ref-rules.ts'
import type { ApprovalPolicy, Rights } from './rights.ts'
import type { TargetKind } from './snapshot.ts'

/** What the workflows know of an environment's configuration: decisions need it, secrets are not in it. */
export type EnvironmentSettings = {
  readonly name: string
  readonly from: 'develop' | 'release' | 'tag'
  /** A guarded environment deploys only what was approved. */
  readonly guarded: boolean
  /** Who may approve and reject; empty: whoever is an approver of the project, and where it names no roles, everybody. */
  readonly approvers: readonly string[]
  /** Left out by what earlier versions remembered: one approval, which does not lapse with time. */
  readonly approval?: ApprovalPolicy
  /** Left out by what earlier versions remembered, and where it is the project's: no roles, nobody has to sign. */
  readonly rights?: Rights
  /** Left out where the estate has no freeze for it. */
  readonly freeze?: { readonly rollbacks: 'pass' | 'held' }
  readonly target: TargetKind
  /** What a placed script answers; left out where it answers nothing, and for other targets. */
  readonly answers?: readonly ScriptAnswer[]
  /** True where somebody wants to hear what happens. */
  readonly announced?: true
}

/** A word that a placed script understands as its first argument. */
export type ScriptAnswer = 'plan' | 'status' | 'restore'

/** Whether a target says what would change, or what has: a placed script only where the estate says that it does. */
export function canTell({ target, answers = [] }: Pick<EnvironmentSettings, 'target' | 'answers'>, word: 'plan' | 'status'): boolean {
  return target !== 'script' || answers.includes(word)
}

/** What the workflows know of a project's configuration in estate.yaml. */
export type ProjectSettings = {
  readonly project: string
  readonly branches: BranchNames
  readonly environments: readonly EnvironmentSettings[]
  readonly sweepSeconds: number
  /** As in EnvironmentSettings. */
  readonly rights?: Rights
  /** As in EnvironmentSettings. */
  readonly announced?: true
  /** sha256 of the project's part of the estate. */
  readonly hash: string
}

/** One environment of a project, with what the project says for all of them; null when it has no such environment. */
export function settingsOfEnvironment(project: ProjectSettings, name: string): EnvironmentSettings | null {
  const found = project.environments.find((environment) => environment.name === name)
  if (found === undefined) return null
  const { roles = null, verified: ofProject = false } = project.rights ?? {}
  const verified = found.approval?.verified ?? ofProject
  const heard = project.announced === true ? { ...found, announced: true as const } : found
  return roles === null && !verified ? heard : { ...heard, rights: { roles, verified } }
}

/** The same settings with other rights: what a sprint knows of branches and environments stays as it was. */
export function withRights({ rights: _before, ...settings }: ProjectSettings, rights: Rights | undefined): ProjectSettings {
  return rights === undefined ? settings : { ...settings, rights }
}
