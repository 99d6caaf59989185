import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { createKustomizeTarget } from '../../activities/kustomize/target.ts'
import type { Target } from '../../activities/deploy/target.ts'
import { run } from '../../lab/machine/run.ts'
import { namespaceLabel } from '../../lab/sample.ts'
import type { Bench } from '../measure/bench.ts'
import { measured } from '../measure/measured.ts'
import { CHANGED, overlayFiles, TOTAL } from './objects.ts'
import type { PlanResult } from './results.ts'

const NAMESPACE = 'bench-plan'

/** What a large overlay would change, said by Slipway's activity and by `kubectl diff`, in turns, of the same objects. */
export async function measurePlan(bench: Bench): Promise<PlanResult> {
  const { env, rounds, say, signal, cleanUp } = bench
  say(`plan: ${rounds} times of ${TOTAL} objects, ${CHANGED} of which differ`)
  const { kubectl: program, kubeconfig } = env.kubernetes
  const kubectl = [program, '--kubeconfig', kubeconfig]
  const remove = () => run([...kubectl, 'delete', 'namespaces', '--ignore-not-found', NAMESPACE])
  await remove()
  cleanUp.later(remove)
  await run([...kubectl, 'create', 'namespace', NAMESPACE])
  await run([...kubectl, 'label', 'namespace', NAMESPACE, `${namespaceLabel}=${env.id}`])

  const folders = { before: join(bench.folder, 'plan', 'before'), after: join(bench.folder, 'plan', 'after') }
  await Promise.all([writeOverlay(folders.before, 'before'), writeOverlay(folders.after, 'after')])
  const slipway = openPlanner(bench)
  await slipway.apply(folders.before)

  const rows = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round++) {
    const timed = async (what: string, work: () => Promise<readonly string[]>) => {
      signal.throwIfAborted()
      const began = performance.now()
      const differ = await work()
      const took = performance.now() - began
      if (differ.length !== CHANGED)
        throw new Error(`${what}: expected ${CHANGED} objects to differ, found ${differ.length}: ${differ.slice(0, 5).join(', ')} …`)
      say(`plan: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${what} ${Math.round(took)} ms`)
      // The first round is thrown away: connections and compiled code are kept from then on.
      if (round > 0) rows.set(what, [...(rows.get(what) ?? []), took])
    }
    const diff = async () => {
      // Ends with 1 when something differs.
      const { stdout, exitCode, stderr } = await execa(program, ['--kubeconfig', kubeconfig, 'diff', '-k', folders.after], {
        reject: false,
        cancelSignal: signal,
      })
      if (exitCode !== 1) throw new Error(`kubectl diff ended with ${exitCode}: ${stderr}`)
      return stdout.split('\n').filter((line) => line.startsWith('diff '))
    }
    await timed('Slipway, rendered and planned', () => slipway.plan(folders.after))
    await timed('`kubectl diff -k`', diff)
  }
  return { objects: TOTAL, changed: CHANGED, rows: [...rows].map(([what, samples]) => ({ what, took: measured(samples) })) }
}

async function writeOverlay(folder: string, version: 'before' | 'after'): Promise<void> {
  await mkdir(folder, { recursive: true })
  await Promise.all(Object.entries(overlayFiles(NAMESPACE, version)).map(([name, text]) => writeFile(join(folder, name), text)))
}

/** The target as a worker has it, which renders a folder instead of a checkout. */
function openPlanner({ env, folder, signal }: Bench) {
  const attempt = { signal, heartbeat: () => undefined }
  const deps = {
    environment: { ...process.env, PATH: `${env.path}:${process.env['PATH'] ?? ''}` },
    stateFolder: join(folder, 'plan', 'state'),
  }
  const target: Target = createKustomizeTarget({ cluster: { kubeconfig: env.kubernetes.kubeconfig }, namespace: NAMESPACE }, deps)
  const candidate = { revision: 'a'.repeat(40), images: [], configHash: '0'.repeat(64) }
  const common = { project: NAMESPACE, environment: 'alpha', candidate, tag: 'v1.0.0', registry: env.registry.address }
  const render = async (overlay: string) => {
    const [, parent = '/', name = ''] = /^(.*)\/([^/]+)$/.exec(overlay) ?? []
    const mirror = {
      ensure: async () => undefined,
      readFile: async () => null,
      objectId: async () => null,
      checkout: async () => ({ folder: parent, release: async () => undefined }),
    }
    return await target.render({ ...common, parts: { kustomize: { overlay: name } }, mirror }, attempt)
  }
  return {
    apply: async (overlay: string) => {
      const content = await render(overlay)
      await target.apply({ ...common, content, previous: null, fence: { epoch: 1, attempt: 1 }, rolloutTimeoutMs: 60_000 }, attempt)
    },
    plan: async (overlay: string) => {
      const planned = await target.plan?.({ ...common, content: await render(overlay), previous: null }, attempt)
      return (planned?.changes ?? []).flatMap(({ object, change }) => (change === 'unchanged' ? [] : [`${object} ${change}`]))
    },
  }
}
