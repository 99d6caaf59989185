import { hookKind } from '../../config/match-hooks.ts'
import type { Snapshot, SnapshotHook } from '../../domain/snapshot.ts'
import type { AttemptContext } from '../context.ts'
import type { DeployDeps } from './activities.ts'
import type { RenderInput } from './target.ts'

/** Renders the hooks of an environment and stores each. Without any the snapshot says nothing of hooks, and its hash stays. */
export async function renderHooks(
  deps: Pick<DeployDeps, 'target' | 'store'>,
  input: RenderInput,
  content: Buffer,
  attempt: AttemptContext,
): Promise<Pick<Snapshot, 'hooks'>> {
  const { before = [], after = [] } = input.parts.hooks ?? {}
  const target = deps.target(input.project, input.environment)
  const rendered: SnapshotHook[] = []
  for (const [when, hook] of [...before.map((each) => ['before', each] as const), ...after.map((each) => ['after', each] as const)]) {
    const bytes = await target.renderHook(hook, input, content, attempt)
    const { digest } = await deps.store.put(bytes, 'application/octet-stream', attempt.signal)
    rendered.push({ name: hook.name, when, kind: hookKind(hook), content: digest, timeoutSeconds: hook.timeoutSeconds })
  }
  return rendered.length > 0 ? { hooks: rendered } : {}
}
