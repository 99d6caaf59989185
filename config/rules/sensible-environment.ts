import type { EstateFile } from '../estate-schema.ts'
import type { Mistake } from '../problem.ts'
import { everyEnvironment, targetOf, type EnvironmentDraft } from './every-environment.ts'
import type { Rule } from './rule.ts'

/** What is written for an environment has an effect, and can succeed. */
export const sensibleEnvironment: Rule<EstateFile> = (file, { spoilt }) =>
  everyEnvironment(file).flatMap((each) => [
    ...(spoilt([...each.path, 'deploy']) ? [] : idleApprovers(each)),
    ...reservedVariables(each),
    ...hopelessHealth(each),
    ...hostlessCommands(each),
  ])

/** A policy that silently does nothing is worse than none. */
function idleApprovers({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  const { from, deploy, approvers = [] } = environment
  const automatic = deploy === 'automatic' || (deploy === undefined && from !== undefined && from !== 'tag')
  if (!automatic || approvers.length === 0) return []
  return [
    {
      kind: 'value',
      path: [...path, 'approvers'],
      at: 'key',
      found: 'approvers where nobody is asked',
      expected: 'approvers only where "deploy" is "approval"',
      hint: 'write "deploy: approval", or take the approvers out',
    },
  ]
}

/** TAG and the digests are what a deployment is about: a fixed value would deploy something else than was approved. */
function reservedVariables({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  return Object.keys(targetOf(environment).compose?.environment ?? {})
    .filter((name) => name === 'TAG' || name.startsWith('DIGEST_'))
    .map((name) => ({
      kind: 'value',
      path: [...path, 'target', 'compose', 'environment', name],
      at: 'key',
      found: `the variable ${name}`,
      expected: 'other names than TAG and DIGEST_…, which each deployment sets itself',
      hint: 'take it out',
    }))
}

function hopelessHealth({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  return (environment.health ?? []).flatMap((check, index): readonly Mistake[] => {
    const { successes = 1, windowSeconds = 0, intervalSeconds = check && 'command' in check ? 1 : 0.25, timeoutSeconds = 60 } = check ?? {}
    const least = Math.max((successes - 1) * intervalSeconds, windowSeconds)
    if (least < timeoutSeconds) return []
    const window = windowSeconds === 0 ? '' : ` over ${windowSeconds} s`
    return [
      {
        kind: 'value',
        path: [...path, 'health', index],
        at: 'value',
        found: `${successes} successes, ${intervalSeconds} s apart${window}, within ${timeoutSeconds} s`,
        expected: 'a timeout that they fit into',
        hint: `raise timeoutSeconds above ${least}`,
      },
    ]
  })
}

/** A cluster has no host to log in to. */
function hostlessCommands({ path, environment }: EnvironmentDraft): readonly Mistake[] {
  if (targetOf(environment).kustomize === undefined) return []
  return (environment.health ?? []).flatMap((check, index): readonly Mistake[] =>
    check && 'on' in check && check.on === 'host'
      ? [
          {
            kind: 'value',
            path: [...path, 'health', index, 'on'],
            at: 'value',
            found: '"host" where the target is a cluster',
            expected: '"worker"',
            hint: 'a command beside the worker may ask the cluster from there',
          },
        ]
      : [],
  )
}
