import { hashOf } from '../../config/hash.ts'
import type { EnvironmentEstate } from '../../config/estate-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import type { EnvironmentSettings } from '../../domain/settings.ts'
import type { TargetKind } from '../../domain/snapshot.ts'
import type { ActivityDeps, Estate } from '../context.ts'
import { permanent } from '../failure.ts'
import { projectEstate } from '../image/workshop.ts'

/** @throws permanent `InvalidConfiguration` when estate.yaml has no such environment */
export function environmentEstate(deps: Pick<ActivityDeps, 'estate'>, project: string, name: string): EnvironmentEstate {
  const { environments } = projectEstate(deps, project)
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (found) return found
  throw permanent(
    'InvalidConfiguration',
    `estate.yaml of this worker has no environment ${quoted(name)} for ${project}; it has ${Object.keys(environments).join(', ')}.`,
  )
}

export function settingsOf(name: string, environment: EnvironmentEstate): EnvironmentSettings {
  const guarded = environment.deploy === undefined ? environment.from === 'tag' : environment.deploy === 'approval'
  return { name, from: environment.from, guarded, approvers: environment.approvers, target: targetKind(environment) }
}

export function targetKind({ target }: EnvironmentEstate): TargetKind {
  if ('compose' in target) return 'compose'
  return 'kustomize' in target ? 'kustomize' : 'script'
}

/** sha256 over everything the operator says that decides what a deployment to this environment does. */
export function environmentHash(estate: Estate, environment: EnvironmentEstate): string {
  const { target } = environment
  const host = 'compose' in target ? target.compose.host : 'script' in target ? target.script.host : null
  const cluster = 'kustomize' in target ? target.kustomize.cluster : null
  const { hosts, clusters, registry } = estate.file
  return hashOf({
    environment,
    host: host === null ? null : hosts[host],
    cluster: cluster === null ? null : clusters[cluster],
    registry: registry.address,
  })
}
