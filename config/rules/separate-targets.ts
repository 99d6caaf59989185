import { posix } from 'node:path'
import { composeProject } from '../compose-project.ts'
import type { EstateFile } from '../estate-schema.ts'
import type { Mistake, Path } from '../problem.ts'
import { everyEnvironment, targetOf, type EnvironmentDraft } from './every-environment.ts'
import type { Draft, Rule } from './rule.ts'

/** Two environments in one place would overwrite each other: one writer per environment is what fencing rests on. */
export const separateTargets: Rule<EstateFile> = (file) => {
  const owners = new Map<string, string>()
  return everyEnvironment(file).flatMap((each): readonly Mistake[] => {
    const places = placesOf(file, each)
    const clash = places.find(({ id }) => owners.has(id))
    const owner = clash && owners.get(clash.id)
    for (const { id } of places) if (!owners.has(id)) owners.set(id, `${each.project}/${each.name}`)
    if (!clash || owner === undefined) return []
    const { path, says, hint } = clash
    return [
      {
        kind: 'value',
        path,
        at: 'value',
        found: `${says} of ${owner}`,
        expected: 'a place of its own for every environment',
        hint,
      },
    ]
  })
}

/** `id` is the same for two that are one place; the most telling comes first. */
type Place = { readonly id: string; readonly says: string; readonly hint: string; readonly path: Path }

function placesOf(file: Draft<EstateFile>, { project, path, environment }: EnvironmentDraft): readonly Place[] {
  const { compose, kustomize, script } = targetOf(environment)
  if (compose?.host !== undefined && compose.directory !== undefined) {
    const { host, directory, project: name } = compose
    return composePlaces({ machine: machine(file, host), directory, name, path: [...path, 'target', 'compose'] })
  }
  if (kustomize?.cluster !== undefined && kustomize.namespace !== undefined) {
    const { kubeconfig, context } = file.clusters?.[kustomize.cluster] ?? {}
    const cluster = kubeconfig === undefined ? kustomize.cluster : JSON.stringify([kubeconfig, context])
    // Several projects may well share a namespace: their objects have names of their own.
    const id = `namespace ${project} ${cluster} ${kustomize.namespace}`
    return [
      {
        id,
        says: 'the cluster and namespace',
        hint: 'give it another namespace',
        path: [...path, 'target', 'kustomize', 'namespace'],
      },
    ]
  }
  if (script?.host !== undefined && script.command !== undefined) {
    const user = file.hosts?.[script.host]?.user ?? ''
    const id = `script ${machine(file, script.host)} ${user} ${posix.normalize(script.command)}`
    return [
      {
        id,
        says: 'the host and command',
        hint: 'give it a script of its own',
        path: [...path, 'target', 'script', 'command'],
      },
    ]
  }
  return []
}

function composePlaces(target: { machine: string; directory: string; name: string | undefined; path: Path }): readonly Place[] {
  const { machine: host, name, path } = target
  const directory = posix.normalize(`${target.directory}/`)
  const projectName = composeProject({ directory, project: name })
  const named = [...path, name === undefined ? 'directory' : 'project']
  return [
    {
      id: `folder ${host} ${directory}`,
      says: 'the host and directory',
      hint: 'give it another directory',
      path: [...path, 'directory'],
    },
    {
      id: `compose ${host} ${projectName}`,
      says: `the compose project name "${projectName}"`,
      hint: 'give it a "project" of its own',
      path: named,
    },
  ]
}

/** Two names of one machine are one machine. */
function machine(file: Draft<EstateFile>, host: string): string {
  const { address, port = 22 } = file.hosts?.[host] ?? {}
  return address === undefined ? host : `${address.toLowerCase()} ${port}`
}
