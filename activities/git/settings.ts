import type { EnvironmentEstate, ProjectEstate } from '../../config/estate-schema.ts'
import { hashOf } from '../../config/hash.ts'
import { quoted } from '../../domain/parsed.ts'
import type { EnvironmentSettings, ProjectSettings } from '../../domain/settings.ts'
import type { Estate } from '../context.ts'
import { permanent } from '../failure.ts'

/** @throws permanent `InvalidConfiguration` when the estate knows no such project */
export function projectEstate(estate: Estate, project: string): ProjectEstate {
  const found = Object.hasOwn(estate.file.projects, project) ? estate.file.projects[project] : undefined
  if (found) return found
  const known = Object.keys(estate.file.projects).join(', ')
  throw permanent(
    'InvalidConfiguration',
    `The estate of this worker has no project ${quoted(project)}; it has ${known}. Add it there and restart the worker.`,
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
  return {
    name,
    from: environment.from,
    guarded: deploy === 'approval',
    approvers: [...environment.approvers],
    target: targetKind(environment.target),
  }
}

function targetKind(target: EnvironmentEstate['target']): EnvironmentSettings['target'] {
  if ('compose' in target) return 'compose'
  return 'kustomize' in target ? 'kustomize' : 'script'
}
