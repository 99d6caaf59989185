import { hashOf } from '../config/hash.ts'
import type { EnvironmentEstate, ProjectEstate } from '../config/estate-schema.ts'
import { expanded } from '../config/people.ts'
import { quoted } from '../domain/parsed.ts'
import type { ApprovalPolicy, Rights, Role } from '../domain/rights.ts'
import { settingsOfEnvironment, type EnvironmentSettings, type ProjectSettings } from '../domain/settings.ts'
import type { TargetKind } from '../domain/snapshot.ts'
import type { Estate } from './context.ts'
import { permanent } from './failure.ts'

/** @throws permanent `InvalidConfiguration` when the estate knows no such project */
export function projectEstate(estate: Estate, project: string): ProjectEstate {
  return entryOf(estate.file.projects, project, 'project')
}

/** @throws permanent `InvalidConfiguration` when the estate knows no such project or environment */
export function environmentEstate(estate: Estate, project: string, name: string): EnvironmentEstate {
  return entryOf(projectEstate(estate, project).environments, name, `environment of ${project}`)
}

function entryOf<T>(entries: Readonly<Record<string, T>>, name: string, what: string): T {
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined
  if (found !== undefined) return found
  const known = Object.keys(entries).join(', ')
  throw permanent(
    'InvalidConfiguration',
    `The estate of this worker has no ${what} called ${quoted(name)}; it has ${known}. Add it there and restart the worker.`,
  )
}

/** What decisions need to know of a project, without hosts and secrets. */
export function projectSettings(estate: Estate, project: string): ProjectSettings {
  const { repository, environments, ...rest } = projectEstate(estate, project)
  const { people, groups } = estate.file
  const whole = { repository, environments, ...rest, ...(people ? { people } : {}), ...(groups ? { groups } : {}) }
  return {
    project,
    branches: { ...repository.branches },
    // What is the project's stands there once.
    environments: Object.entries(environments).map(([name, environment]) => withPolicy(estate, project, name, environment)),
    sweepSeconds: repository.sweepSeconds,
    ...rightsOf(estate, project),
    ...announcedOf(estate, project),
    hash: hashOf(whole),
  }
}

/** @throws permanent `InvalidConfiguration` when the estate knows no such project or environment */
export function environmentSettings(estate: Estate, project: string, name: string): EnvironmentSettings {
  const environment = environmentEstate(estate, project, name)
  return settingsOfEnvironment(projectSettings(estate, project), name) ?? withPolicy(estate, project, name, environment)
}

/** Without somebody who listens nothing is said. */
export function announcedOf(estate: Estate, project: string): { readonly announced?: true } {
  const { forge, notifications } = projectEstate(estate, project)
  return forge !== undefined || Object.keys(notifications ?? {}).length > 0 ? { announced: true } : {}
}

function withPolicy(estate: Estate, project: string, name: string, environment: EnvironmentEstate): EnvironmentSettings {
  const guarded = (environment.deploy ?? (environment.from === 'tag' ? 'approval' : 'automatic')) === 'approval'
  const { from, target, freeze } = environment
  return {
    name,
    from,
    guarded,
    approvers: expanded(estate.file, environment.approvers),
    target: targetKind(target),
    ...('script' in target && target.script.answers !== undefined ? { answers: target.script.answers } : {}),
    ...(freeze === undefined ? {} : { freeze: { rollbacks: freeze.rollbacks } }),
    ...(guarded ? { approval: approvalPolicy(estate, project, environment) } : {}),
  }
}

function approvalPolicy({ file }: Estate, project: string, { approval }: EnvironmentEstate): ApprovalPolicy {
  const verified = approval?.verified ?? file.projects[project]?.verified ?? false
  return {
    count: approval?.count ?? 1,
    required: expanded(file, approval?.required ?? []),
    author: approval?.author ?? !verified,
    tagger: approval?.tagger ?? !verified,
    expiresMs: Math.round((approval?.expiresHours ?? 24) * 3_600_000),
    reason: approval?.reason ?? false,
    verified,
    addressed: Object.keys(file.people ?? {}),
  }
}

/** Nothing where the estate says nothing of it: then everybody may, and nobody has to sign. */
function rightsOf(estate: Estate, project: string): { rights?: Rights } {
  const { roles, verified = false } = projectEstate(estate, project)
  if (roles === undefined && !verified) return {}
  const named = (role: Role) => expanded(estate.file, roles?.[role] ?? [])
  return { rights: { roles: roles === undefined ? null : rolesFrom(named), verified } }
}

function rolesFrom(named: (role: Role) => string[]): NonNullable<Rights['roles']> {
  return {
    developer: named('developer'),
    qa: named('qa'),
    'release-manager': named('release-manager'),
    approver: named('approver'),
    admin: named('admin'),
  }
}

export function targetKind(target: EnvironmentEstate['target']): TargetKind {
  if ('compose' in target) return 'compose'
  return 'kustomize' in target ? 'kustomize' : 'script'
}

/** sha256 over everything the operator says that decides what a deployment to this environment does. */
export function environmentHash(estate: Estate, environment: EnvironmentEstate): string {
  // How often it is looked at, and when it is frozen, changes nothing of what is deployed.
  const { driftSeconds: _looked, freeze: _when, ...deployed } = environment
  const { target } = environment
  const { hosts, clusters, registry } = estate.file
  const host = 'compose' in target ? hosts[target.compose.host] : 'script' in target ? hosts[target.script.host] : undefined
  const cluster = 'kustomize' in target ? clusters[target.kustomize.cluster] : undefined
  return hashOf({ environment: deployed, host: host ?? null, cluster: cluster ?? null, registry: registry.address })
}
