import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { shortSha } from '../../domain/revision.ts'
import type { ActivityDeps, AttemptContext } from '../context.ts'
import type { RenderInput } from '../deploy/target.ts'
import { permanent, transient } from '../failure.ts'
import { makeContent } from './content.ts'
import { renderArgv, renderEnvironment, rendererPlaces, type Renderer } from './kustomize-command.ts'
import { findForeignSource } from './sources.ts'

const CONTENT_LIMIT_BYTES = 5 * 1024 * 1024
const TIMEOUT_MS = 60_000

export type RenderDeps = Pick<ActivityDeps, 'stateFolder' | 'environment'> & {
  /** Called while kustomize, a process of its own, renders. */
  readonly meanwhile?: () => void
}

/** Renders the environment's overlay at the candidate's revision, without a word to the cluster. */
export async function renderOverlay(namespace: string, deps: RenderDeps, input: RenderInput, attempt: AttemptContext): Promise<Buffer> {
  const { candidate, environment, project, registry, parts } = input
  const at = `at revision ${shortSha(candidate.revision)}`
  const overlay = parts.kustomize?.overlay
  if (!overlay) {
    throw permanent(
      'InvalidConfiguration',
      `The estate deploys ${environment} by kustomize, but slipway.yaml ${at} names no overlay for it: add environments.${environment}.kustomize.overlay.`,
    )
  }
  const renderer = await findRenderer(deps.environment['PATH'] ?? '')
  const { folder, release } = await input.mirror.checkout(candidate.revision, attempt.signal)
  try {
    const foreign = await findForeignSource(folder, overlay)
    if (foreign) throw permanent('RenderFailed', `The overlay ${overlay} ${at} does not render: ${foreign}.`)
    const rendered = await runKustomize(renderer, join(folder, overlay), deps, attempt)
    if (!rendered.ok) {
      throw permanent(
        'RenderFailed',
        `The overlay ${overlay} ${at} does not render: ${rendered.words.replaceAll(`${folder}/`, '').replaceAll(folder, '.')}`,
      )
    }
    const content = makeContent({ rendered: rendered.text, owner: { project, environment }, namespace, images: candidate.images, registry })
    if (!content.ok) throw permanent('RenderFailed', `What the overlay ${overlay} ${at} renders ${content.problem}.`)
    return Buffer.from(content.value)
  } finally {
    await release()
  }
}

/** kustomize on the PATH, else kubectl. */
export async function findRenderer(searchPath: string): Promise<Renderer> {
  for (const renderer of rendererPlaces(searchPath)) {
    if (
      await access(renderer.path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return renderer
  }
  throw permanent(
    'InvalidConfiguration',
    'Overlays are rendered by kustomize, and neither kustomize nor kubectl is on the PATH of this worker: install one of them (https://kubectl.docs.kubernetes.io/installation/kustomize/).',
  )
}

type Rendered = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly words: string }

async function runKustomize(renderer: Renderer, overlayFolder: string, deps: RenderDeps, { signal }: AttemptContext): Promise<Rendered> {
  const { stateFolder, meanwhile } = deps
  await mkdir(stateFolder, { recursive: true })
  const empty = await mkdtemp(join(stateFolder, 'kustomize-'))
  try {
    const running = execa(renderer.path, renderArgv(renderer, overlayFolder), {
      env: renderEnvironment(empty),
      extendEnv: false,
      cwd: empty,
      stdin: 'ignore',
      reject: false,
      timeout: TIMEOUT_MS,
      maxBuffer: CONTENT_LIMIT_BYTES,
      cancelSignal: signal,
      forceKillAfterDelay: 1000,
      stripFinalNewline: false,
    })
    meanwhile?.()
    const result = await running
    signal.throwIfAborted()
    if (result.isMaxBuffer) return { ok: false, words: `it renders to more than ${CONTENT_LIMIT_BYTES >> 20} MB.` }
    // A busy worker is as likely a reason as an endless overlay: tried again, with the reason shown.
    if (result.timedOut) throw transient(`${renderer.program} was not done with the overlay after ${TIMEOUT_MS / 1000} s`)
    if (result.failed) return { ok: false, words: lastWords(result.stderr) || `${renderer.program} ended with ${result.shortMessage}` }
    return { ok: true, text: result.stdout }
  } finally {
    await rm(empty, { recursive: true, force: true })
  }
}

function lastWords(stderr: string): string {
  return stderr.trim().split('\n').slice(-10).join('\n').slice(0, 2000)
}
