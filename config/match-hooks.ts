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

/** Every hook is of a kind that the environment's target can run. */
export function fittingHooks(environment: string, { hooks }: EnvironmentParts, target: keyof typeof FITTING): readonly Mistake[] {
  const fitting: readonly HookKind[] = FITTING[target]
  return (['before', 'after'] as const).flatMap((when) =>
    (hooks?.[when] ?? []).flatMap((hook, index): readonly Mistake[] => {
      const kind = hookKind(hook)
      if (fitting.includes(kind)) return []
      return [
        {
          kind: 'value',
          path: ['environments', environment, 'hooks', when, index, kind],
          at: 'key',
          found: `the hook "${hook.name}" with "${kind}" for an environment with a ${target} target`,
          expected: fitting.map((each) => `"${each}"`).join(' or '),
        },
      ]
    }),
  )
}
