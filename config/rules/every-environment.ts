import type { EnvironmentEstate, EstateFile } from '../estate-schema.ts'
import type { Path } from '../problem.ts'
import { entriesOf, type Draft } from './rule.ts'

export type EnvironmentDraft = {
  readonly project: string
  readonly name: string
  readonly path: Path
  readonly environment: Draft<EnvironmentEstate>
}

/** Every environment of every project, in the order of the file. */
export function everyEnvironment(file: Draft<EstateFile>): readonly EnvironmentDraft[] {
  return entriesOf(file.projects).flatMap(([project, each]) =>
    entriesOf(each.environments).map(([name, environment]) => ({
      project,
      name,
      path: ['projects', project, 'environments', name],
      environment,
    })),
  )
}

/** The parts of a target; all of them missing where it is another kind or unknown. */
export function targetOf(environment: Draft<EnvironmentEstate>) {
  const target = environment.target ?? {}
  return {
    compose: 'compose' in target ? target.compose : undefined,
    kustomize: 'kustomize' in target ? target.kustomize : undefined,
    script: 'script' in target ? target.script : undefined,
  }
}
