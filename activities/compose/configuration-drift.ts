import type { Drift } from '../../domain/environment/drift.ts'
import type { EffectiveService } from './effective.ts'
import type { LiveContainer, LiveImage } from './live-containers.ts'
import { finding } from './service-drift.ts'

/**
 * In what a container differs that was started with another configuration than the one that was applied. The values of
 * variables are never said. Null for `wanted` where compose cannot tell any more what was meant.
 */
export function configurationDrift(
  container: LiveContainer,
  wanted: EffectiveService | null,
  image: LiveImage | undefined,
): readonly Drift[] {
  if (wanted === null) return []
  const { service, createdAt } = container
  const differs = (field: string, expected: string, found: string) => finding(service, field, expected, found, createdAt)
  return [
    ...variableDrift(container, wanted, image?.environment ?? {}).map(([name, expected, found]) =>
      differs(`environment.${name}`, expected, found),
    ),
    ...portDrift(container, wanted).map(([expected, found]) => differs('ports', expected, found)),
    ...volumeDrift(container, wanted).map(([target, expected, found]) => differs(`volumes.${target}`, expected, found)),
  ]
}

function variableDrift(
  { environment }: LiveContainer,
  wanted: EffectiveService,
  ofImage: Readonly<Record<string, string>>,
): readonly (readonly [string, string, string])[] {
  const has = (of: Readonly<Record<string, unknown>>, name: string) => Object.hasOwn(of, name)
  const asked = Object.entries(wanted.environment).flatMap(([name, value]) => {
    if (value === null || environment[name] === value) return []
    return [[name, 'as applied', has(environment, name) ? 'changed' : 'missing'] as const]
  })
  const added = Object.keys(environment).filter((name) => !has(wanted.environment, name) && environment[name] !== ofImage[name])
  return [...asked, ...added.map((name) => [name, 'not set', 'set'] as const)]
}

function portDrift({ ports }: LiveContainer, wanted: EffectiveService): readonly (readonly [string, string])[] {
  if (wanted.ports === null) return []
  const [expected, found] = [wanted.ports, ports].map((each) => each.toSorted().join(', ') || 'none')
  return expected === found ? [] : [[expected ?? '', found ?? '']]
}

/** Of a named volume the project's name is before what the file calls it. */
function volumeDrift({ mounts }: LiveContainer, { volumes }: EffectiveService): readonly (readonly [string, string, string])[] {
  const missing = volumes.flatMap(({ source, target, bind }) => {
    const found = mounts.find((each) => each.target === target)
    const isSame = found !== undefined && (bind ? found.source === source : source === null || found.source.endsWith(source))
    return isSame ? [] : [[target, source ?? 'a volume', found === undefined ? 'missing' : found.source] as const]
  })
  const added = mounts.filter(({ type, target }) => type === 'bind' && !volumes.some((each) => each.target === target))
  return [...missing, ...added.map(({ source, target }) => [target, 'not there', source] as const)]
}
