import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { createComposeTarget, type ComposeSetup } from '../../../activities/compose/target.ts'
import type { ActInput, HookActInput, Target } from '../../../activities/deploy/target.ts'
import { createKustomizeTarget } from '../../../activities/kustomize/target.ts'
import type { Registry } from '../../../activities/registry/client.ts'
import { createScriptTarget, type ScriptSetup } from '../../../activities/script/target.ts'

/**
 * A worker's attempt to apply or to run a hook, as a process of its own that can be stopped; nobody tells it that it was
 * cancelled. What came of it goes to standard output as JSON.
 */
export type SleeperInput = {
  readonly target:
    | {
        readonly kustomize: { readonly kubeconfig: string; readonly namespace: string; readonly path: string; readonly stateFolder: string }
      }
    | { readonly compose: Omit<ComposeSetup, 'deps'> }
    | { readonly script: Omit<ScriptSetup, 'deps' | 'registry'> }
  /** With a hook, it is the hook that is run. */
  readonly input: ActInput | HookActInput
}

export type SleeperEnd =
  | { readonly kind: 'done'; readonly lines: readonly string[] }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string; readonly details: unknown }

if (import.meta.main) {
  const { target, input } = JSON.parse(await text(process.stdin), asBytes) as SleeperInput
  const end = await act(targetOf(target), input).then(
    (lines): SleeperEnd => ({ kind: 'done', lines }),
    (error: { type?: string; message: string; details?: unknown[] }): SleeperEnd => ({
      kind: 'failed',
      type: error.type ?? '',
      message: error.message,
      details: error.details?.[0] ?? null,
    }),
  )
  process.stdout.write(JSON.stringify(end), () => process.exit())
}

async function act(target: Target, input: ActInput | HookActInput): Promise<readonly string[]> {
  const attempt = { signal: new AbortController().signal, heartbeat: () => {} }
  return 'hook' in input ? [(await target.runHook(input, attempt)).words] : (await target.apply(input, attempt)).changes
}

/** Bytes as JSON has them. */
function asBytes(_: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
  return isBytes ? Buffer.from(value.data as number[]) : value
}

function targetOf(target: SleeperInput['target']): Target {
  const deps = { env: {}, readFile: async (path: string) => await readFile(path, 'utf8') }
  if ('compose' in target) return createComposeTarget({ ...target.compose, deps })
  // For a candidate without images.
  if ('script' in target) return createScriptTarget({ ...target.script, deps, registry: {} as Registry })
  const { kubeconfig, namespace, path, stateFolder } = target.kustomize
  return createKustomizeTarget({ cluster: { kubeconfig }, namespace }, { environment: { PATH: path }, stateFolder })
}
