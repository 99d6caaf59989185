import { execa } from 'execa'
import { nodePlaces, untilPodsAreSettled } from '../node-ports.ts'
import type { BenchProject } from '../project/create.ts'
import { namespaceOf } from '../project/shape.ts'
import type { Bench } from '../measure/bench.ts'
import { untilServed } from '../served.ts'
import { openByHand, runScript } from '../ways/by-hand.ts'
import { BRANCH, composePlaces, TARGETS, type Target } from '../ways/way.ts'
import { NEWER, OLDER, type WayBack } from './back.ts'

const TIMEOUT_MS = 120_000

/** The script with the older tag, and Kubernetes' own undo. Both versions have been delivered before. */
export async function openBackByHand({ env, signal }: Bench, project: BenchProject): Promise<WayBack[]> {
  const { shape } = project
  const byHand = openByHand({ env, project, signal })
  await byHand.begin()
  const deliver = async (version: string) => {
    for (const target of TARGETS) await byHand.deliver(target, version)
    return { compose: await tagOf(project, 'compose'), kustomize: await tagOf(project, 'kustomize') }
  }
  const older = await deliver(OLDER)
  const newer = await deliver(NEWER)

  const goes = async (target: Target, version: string, command: () => Promise<unknown>) => {
    const places = target === 'compose' ? composePlaces(project) : await nodePlaces(env, shape)
    const begun = Date.now()
    const [served, done] = await Promise.all([
      untilServed(places, version, { timeoutMs: TIMEOUT_MS, signal }),
      command().then(() => Date.now()),
    ])
    if (target === 'kustomize') await untilPodsAreSettled(env, shape)
    return { served: served - begun, done: done - begun, moments: {} }
  }
  const script = (target: Target, tag: string) => () => runScript(env, project, ['back', target, tag])
  const forth = (target: Target) => async () => void (await goes(target, NEWER, script(target, newer[target])))
  const kubectl = (...args: string[]) =>
    execa(env.kubernetes.kubectl, ['--kubeconfig', env.kubernetes.kubeconfig, '--namespace', namespaceOf(shape), ...args])
  const undo = async () => {
    await kubectl('rollout', 'undo', 'deployment/website')
    await kubectl('rollout', 'status', 'deployment/website')
  }
  return [
    ...TARGETS.map((target) => ({
      name: 'the script with the older `TAG`',
      target,
      back: () => goes(target, OLDER, script(target, older[target])),
      forth: forth(target),
    })),
    {
      name: '`kubectl rollout undo`, then `status`',
      target: 'kustomize',
      back: () => goes('kustomize', OLDER, undo),
      forth: forth('kustomize'),
    },
  ]
}

async function tagOf({ git }: BenchProject, target: Target): Promise<string> {
  const branch = BRANCH[target]
  return `${branch}.${(await git('rev-parse', '--short=8', branch)).trim()}`
}
