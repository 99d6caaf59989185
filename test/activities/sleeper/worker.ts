import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { createComposeTarget, type ComposeSetup } from '../../../activities/compose/target.ts'
import type { ActInput } from '../../../activities/deploy/target.ts'
import { createKustomizeTarget } from '../../../activities/kustomize/target.ts'

/**
 * A worker's attempt to apply, as a process of its own that can be stopped; nobody tells it that it was cancelled. What came
 * of it goes to standard output as JSON.
 */
export type SleeperInput = {
  readonly target:
    | {
        readonly kustomize: { readonly kubeconfig: string; readonly namespace: string; readonly path: string; readonly stateFolder: string }
      }
    | { readonly compose: Omit<ComposeSetup, 'deps'> }
  /** Without the content, which is bytes. */
  readonly input: Omit<ActInput, 'content' | 'adopted'>
  /** Base64. */
  readonly content: string
}

export type SleeperEnd =
  | { readonly kind: 'applied'; readonly changes: readonly string[] }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string; readonly details: unknown }

if (import.meta.main) {
  const { target, input, content } = JSON.parse(await text(process.stdin)) as SleeperInput
  const attempt = { signal: new AbortController().signal, heartbeat: () => {} }
  const end = await targetOf(target)
    .apply({ ...input, content: Buffer.from(content, 'base64') }, attempt)
    .then(
      ({ changes }): SleeperEnd => ({ kind: 'applied', changes }),
      (error: { type?: string; message: string; details?: unknown[] }): SleeperEnd => ({
        kind: 'failed',
        type: error.type ?? '',
        message: error.message,
        details: error.details?.[0] ?? null,
      }),
    )
  process.stdout.write(JSON.stringify(end), () => process.exit())
}

function targetOf(target: SleeperInput['target']) {
  if ('compose' in target) {
    return createComposeTarget({ ...target.compose, deps: { env: {}, readFile: async (path) => await readFile(path, 'utf8') } })
  }
  const { kubeconfig, namespace, path, stateFolder } = target.kustomize
  return createKustomizeTarget({ cluster: { kubeconfig }, namespace }, { environment: { PATH: path }, stateFolder })
}
