import { hashOf } from '../config/hash.ts'
import type { EnvironmentEstate, ProjectEstate } from '../config/estate-schema.ts'
import { quoted } from '../domain/parsed.ts'
import type { EnvironmentSettings, ProjectSettings } from '../domain/settings.ts'
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
  return {
    project,
    branches: { ...repository.branches },
    environments: Object.entries(environments).map(([name, environment]) => environmentSettings(name, environment)),
    sweepSeconds: repository.sweepSeconds,
    hash: hashOf({ repository, environments, ...rest }),
  }
}

export function environmentSettings(name: string, environment: EnvironmentEstate): EnvironmentSettings {
  const deploy = environment.deploy ?? (environment.from === 'tag' ? 'approval' : 'automatic')
  const { from, approvers, target } = environment
  return { name, from, guarded: deploy === 'approval', approvers: [...approvers], target: targetKind(target) }
}

function targetKind(target: EnvironmentEstate['target']): TargetKind {
  if ('compose' in target) return 'compose'
  return 'kustomize' in target ? 'kustomize' : 'script'
}

/** sha256 over everything the operator says that decides what a deployment to this environment does. */
export function environmentHash(estate: Estate, environment: EnvironmentEstate): string {
  // How often it is looked at changes nothing of what is deployed.
  const { driftSeconds: _looked, ...deployed } = environment
  const { target } = environment
  const { hosts, clusters, registry } = estate.file
  const host = 'compose' in target ? hosts[target.compose.host] : 'script' in target ? hosts[target.script.host] : undefined
  const cluster = 'kustomize' in target ? clusters[target.kustomize.cluster] : undefined
  return hashOf({ environment: deployed, host: host ?? null, cluster: cluster ?? null, registry: registry.address })
}
