import type { EstateFile } from '../estate-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import { nearest } from '../mistakes/nearest.ts'
import type { Mistake, Path } from '../problem.ts'
import { everyEnvironment, targetOf } from './every-environment.ts'
import type { Rule } from './rule.ts'

/** Every host and cluster that a target names is in the file. */
export const knownPlaces: Rule<EstateFile> = (file, { spoilt }) =>
  everyEnvironment(file).flatMap(({ path, environment }) => {
    const { compose, kustomize, script } = targetOf(environment)
    const hosts = spoilt(['hosts']) ? null : Object.keys(file.hosts ?? {})
    const clusters = spoilt(['clusters']) ? null : Object.keys(file.clusters ?? {})
    return [
      ...unknown(compose?.host, hosts, 'host', [...path, 'target', 'compose', 'host']),
      ...unknown(script?.host, hosts, 'host', [...path, 'target', 'script', 'host']),
      ...unknown(kustomize?.cluster, clusters, 'cluster', [...path, 'target', 'kustomize', 'cluster']),
    ]
  })

function unknown(name: string | undefined, names: readonly string[] | null, what: 'host' | 'cluster', path: Path): readonly Mistake[] {
  if (name === undefined || names === null || names.includes(name)) return []
  const near = nearest(name, names)
  const mistake = { kind: 'value', path, at: 'value', found: quoted(name) } as const
  if (names.length === 0) return [{ ...mistake, expected: `a ${what} of this file`, hint: `add it below "${what}s"` }]
  return [
    {
      ...mistake,
      expected: `a ${what} of this file: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`,
      hint: near === null ? `add it below "${what}s"` : `did you mean "${near}"?`,
    },
  ]
}
