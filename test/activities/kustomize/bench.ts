import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { AttemptContext } from '../../../activities/context.ts'
import type { ActInput, Target } from '../../../activities/deploy/target.ts'
import { createKustomizeTarget } from '../../../activities/kustomize/target.ts'
import type { Candidate } from '../../../domain/candidate.ts'
import type { Digest } from '../../../domain/digest.ts'
import { labUp } from '../../../lab/up.ts'
import { unasked } from '../unasked.ts'
import { createImageMaker, type ImageMaker } from './images.ts'

const run = promisify(execFile)
const checkout = join(import.meta.dirname, '../../..')

/** A place on the lab's cluster: namespaces, images and overlays that are this test's own. */
export type Bench = {
  readonly id: string
  readonly registry: string
  readonly kubeconfig: string
  readonly path: string
  readonly images: ImageMaker
  readonly stateFolder: string
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** An environment in a new namespace, with an overlay of the given files. */
  readonly environment: (options?: {
    namespace?: string
    kubeconfig?: string
    makeNamespace?: boolean
    prune?: { volumeClaims: boolean }
  }) => Promise<TestEnvironment>
  readonly remove: () => Promise<void>
}

export type TestEnvironment = {
  readonly namespace: string
  readonly target: Target
  /** Renders the overlay that `files` make, for these images of the services. */
  readonly render: (files: Record<string, string>, images: Record<string, Digest>) => Promise<Buffer>
  readonly input: (content: Buffer, images: Record<string, Digest>, epoch: number, more?: Partial<ActInput>) => ActInput
  readonly deploy: (
    files: Record<string, string>,
    images: Record<string, Digest>,
    epoch: number,
    more?: Partial<ActInput>,
  ) => Promise<Deployed>
  readonly lines: string[]
  readonly attempt: AttemptContext
}

export type Deployed = {
  readonly changes: readonly string[]
  readonly observed: readonly string[]
  readonly applyMs: number
  readonly verifyMs: number
}

export async function kustomizeBench(): Promise<Bench> {
  const lab = await labUp({ checkout, parts: ['registry', 'images', 'kubernetes'] })
  const id = `kz${randomBytes(3).toString('hex')}`
  const stateFolder = await mkdtemp(join(tmpdir(), 'slipway-test-kustomize-'))
  const images = createImageMaker(lab.registry.address)
  const namespaces: string[] = []
  const { kubeconfig } = lab.kubernetes
  const path = `${lab.path}:${process.env['PATH'] ?? ''}`

  const kubectl = async (args: readonly string[], input?: string) => {
    const child = run(lab.kubernetes.kubectl, ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 1e8 })
    child.child.stdin?.end(input ?? '')
    return (await child).stdout
  }

  return {
    id,
    registry: lab.registry.address,
    kubeconfig,
    path,
    images,
    stateFolder,
    kubectl,
    async environment(options = {}) {
      const namespace = options.namespace ?? `${id}-${namespaces.length + 1}`
      namespaces.push(namespace)
      if (options.makeNamespace ?? true) await kubectl(['create', 'namespace', namespace])
      const target = createKustomizeTarget(
        { cluster: { kubeconfig: options.kubeconfig ?? kubeconfig }, namespace, prune: options.prune },
        { environment: { PATH: path }, stateFolder },
      )
      return testEnvironment(lab.registry.address, stateFolder, namespace, target, id)
    },
    async remove() {
      if (namespaces.length > 0) await kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...namespaces])
      await images.remove()
      await rm(stateFolder, { recursive: true, force: true })
    },
  }
}

/** Writes a checkout and gives it as a mirror does. */
export async function checkoutOf(folder: string, files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(folder, 'checkout-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

/** An attempt that keeps what it was told. */
export function quietAttempt(signal: AbortSignal = new AbortController().signal): { attempt: AttemptContext; lines: string[] } {
  const lines: string[] = []
  return { attempt: { signal, heartbeat: ({ line }) => void lines.push(line) }, lines }
}

export function candidateOf(images: Record<string, Digest>, prefix: string): Candidate {
  return {
    revision: 'a'.repeat(40),
    configHash: '0'.repeat(64),
    images: Object.entries(images).map(([service, digest]) => ({
      service,
      repository: `${prefix}/${service}`,
      digest,
      inputs: '1'.repeat(64),
      reused: false,
    })),
  }
}

function testEnvironment(registry: string, stateFolder: string, namespace: string, target: Target, id: string): TestEnvironment {
  const { attempt, lines } = quietAttempt()
  const environment = {
    namespace,
    target,
    lines,
    attempt,
    async render(files: Record<string, string>, images: Record<string, Digest>) {
      const folder = await checkoutOf(stateFolder, files)
      return await target.render(
        {
          project: id,
          environment: 'alpha',
          candidate: candidateOf(images, id),
          tag: 'release-1.0.0.aaaaaaaa',
          registry,
          parts: { kustomize: { overlay: 'overlay' } },
          mirror: {
            ensure: async () => {},
            readFile: async () => null,
            objectId: async () => null,
            checkout: async () => ({ folder, release: async () => await rm(folder, { recursive: true, force: true }) }),
          },
        },
        attempt,
      )
    },
    input(content: Buffer, images: Record<string, Digest>, epoch: number, more: Partial<ActInput> = {}): ActInput {
      return {
        project: id,
        environment: 'alpha',
        fence: { epoch, attempt: 1 },
        candidate: candidateOf(images, id),
        tag: 'release-1.0.0.aaaaaaaa',
        registry,
        content,
        previous: null,
        rolloutTimeoutMs: 60_000,
        ...more,
      }
    },
    async deploy(
      files: Record<string, string>,
      images: Record<string, Digest>,
      epoch: number,
      more: Partial<ActInput> = {},
    ): Promise<Deployed> {
      const input = environment.input(await environment.render(files, images), images, epoch, more)
      const startMs = performance.now()
      const { changes } = await target.apply(input, attempt)
      const appliedMs = performance.now()
      const { observed } = await target.verify(input, attempt, unasked)
      return { changes, observed, applyMs: appliedMs - startMs, verifyMs: performance.now() - appliedMs }
    },
  }
  return environment
}
