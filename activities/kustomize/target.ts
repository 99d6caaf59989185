import type { ClusterEstate } from '../../config/estate-schema.ts'
import type { ActInput, Target } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { applyManifests } from './apply.ts'
import { checkCluster } from './check.ts'
import type { Clock } from './clock.ts'
import { createConnect } from './connection.ts'
import { checkFencePolicy } from './fence-policy.ts'
import type { MayPrune } from './inventory.ts'
import { importKubernetesClient } from './kubeconfig.ts'
import { inspectNamespace } from './inspect.ts'
import { lookAtNamespace } from './look.ts'
import { parseManifests, type Manifest } from './manifests.ts'
import { renderJobHook } from './render-hook.ts'
import { planManifests } from './plan-changes.ts'
import { renderOverlay, type RenderDeps } from './render.ts'
import { runJobHook } from './run-hook.ts'
import { followRollout } from './verify.ts'

/** The cluster as the estate says it, the namespace that the environment is, and what may be deleted there beside the rest. */
type KustomizeEnvironment = { readonly cluster: ClusterEstate; readonly namespace: string; readonly prune?: MayPrune | undefined }

type KustomizeDeps = RenderDeps & { readonly clock?: Clock }

/**
 * Deploys a kustomize overlay straight to the Kubernetes API. Make it once for an environment: it keeps its connections
 * from one activity to the next, and reads the kubeconfig anew for each.
 */
export function createKustomizeTarget({ cluster, namespace, prune }: KustomizeEnvironment, deps: KustomizeDeps): Target {
  const connect = createConnect(cluster, deps.environment)
  const clock = deps.clock ?? { nowMs: () => performance.now(), wallMs: () => Date.now() }
  return {
    render: async (input, attempt) =>
      await withHeartbeat(
        attempt,
        'rendering the overlay',
        async () => await renderOverlay(namespace, { ...deps, meanwhile: beginImport }, input, attempt),
      ),

    renderHook: async (hook, input, _content, attempt) => await renderJobHook(hook, namespace, input, attempt),

    runHook: async (input, attempt) =>
      await withHeartbeat(attempt, 'connecting to the cluster', async (say, signal) => {
        const kubernetes = await connect(signal)
        return await runJobHook(kubernetes, namespace, input, { clock, signal, say, connectAnew: connect })
      }),

    apply: async (input, attempt) =>
      await withHeartbeat(attempt, 'connecting to the cluster', async (say) => {
        const kubernetes = await connect(attempt.signal)
        return await applyManifests(kubernetes, namespace, manifestsOf(input), input, { say, mayPrune: prune })
      }),

    plan: async (input, attempt) =>
      await withHeartbeat(attempt, 'connecting to the cluster', async (say) => {
        const kubernetes = await connect(attempt.signal)
        return await planManifests(kubernetes, namespace, manifestsOf(input), input, { say, mayPrune: prune })
      }),

    verify: async (input, attempt, askHealth) => {
      const { observed } = await withHeartbeat(attempt, 'following the rollout', async (say) => {
        const kubernetes = await connect(attempt.signal)
        return await followRollout(kubernetes, namespace, manifestsOf(input), input, { clock, signal: attempt.signal, say })
      })
      return { observed: [...observed, ...(await askHealth(null))] }
    },

    look: async (input, attempt) =>
      await withHeartbeat(
        attempt,
        'looking at what runs',
        async () => await lookAtNamespace(await connect(attempt.signal), namespace, input),
      ),

    inspect: async (input, attempt) =>
      await withHeartbeat(attempt, 'holding the namespace against what was applied', async () => {
        const kubernetes = await connect(attempt.signal)
        return await inspectNamespace(kubernetes, namespace, manifestsOf(input), input)
      }),

    checkFence: async (owner, attempt) =>
      await withHeartbeat(
        attempt,
        'trying the fence',
        async () => await checkFencePolicy({ kubernetes: await connect(attempt.signal), namespace, owner }),
      ),

    check: async (attempt) =>
      await withHeartbeat(
        attempt,
        'asking the cluster',
        async () => await checkCluster(await connect(attempt.signal), namespace, deps.environment['PATH'] ?? ''),
      ),
  }
}

/** What is rendered is applied next: the first deployment need not wait for the library. A failure shows when it is used. */
function beginImport(): void {
  importKubernetesClient().catch(() => {})
}

function manifestsOf({ content, environment }: Pick<ActInput, 'content' | 'environment'>): readonly Manifest[] {
  const parsed = parseManifests(content.toString('utf8'))
  if (!parsed.ok) throw permanent('RenderFailed', `What was rendered for ${environment} ${parsed.problem}: render it again.`)
  return parsed.value
}
