import type { HookConfig } from './hooks-schema.ts'
import type { Mistake } from './problem.ts'
import type { EnvironmentParts } from './slipway-schema.ts'

type HookKind = 'job' | 'compose' | 'command'

/** Which kinds of hooks a target can run. */
const FITTING = { kustomize: ['job'], compose: ['compose', 'command'], script: ['command'] } as const

export function hookKind(hook: HookConfig): HookKind {
  if ('job' in hook) return 'job'
  return 'compose' in hook ? 'compose' : 'command'
}

/** Every hook is of a kind that the environment's target can run, and that the operator lets the repository choose. */
export function fittingHooks(
  environment: string,
  { hooks }: EnvironmentParts,
  { target, commandHooks }: { readonly target: keyof typeof FITTING; readonly commandHooks: boolean },
): readonly Mistake[] {
  const fitting: readonly HookKind[] = FITTING[target]
  return (['before', 'after'] as const).flatMap((when) =>
    (hooks?.[when] ?? []).flatMap((hook, index): readonly Mistake[] => {
      const kind = hookKind(hook)
      const where = { kind: 'value', path: ['environments', environment, 'hooks', when, index, kind], at: 'key' } as const
      if (kind === 'command' && fitting.includes(kind) && !commandHooks) {
        const found = `the hook "${hook.name}", a command on the host of ${environment}, where the estate does not let a repository run any`
        return [{ ...where, found, expected: `${target === 'compose' ? '"compose", or ' : ''}"commandHooks: true" in the estate` }]
      }
      if (fitting.includes(kind)) return []
      return [
        {
          ...where,
          found: `the hook "${hook.name}" with "${kind}" for an environment with a ${target} target`,
          expected: fitting.map((each) => `"${each}"`).join(' or '),
        },
      ]
    }),
  )
}
