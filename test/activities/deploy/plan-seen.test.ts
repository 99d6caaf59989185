import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanBrief } from '../../../activities/contract.ts'
import type { DeployDeps } from '../../../activities/deploy/activities.ts'
import { createPlanBriefly } from '../../../activities/deploy/plan-briefly.ts'
import type { ActInput, Target } from '../../../activities/deploy/target.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { absorbStartPlan, absorbUnseen, planSeen } from '../../../domain/environment/plan-seen.ts'
import { absorbPreparation } from '../../../domain/environment/preparation.ts'
import { judgeApprove } from '../../../domain/environment/judge-vote.ts'
import { absorbRequest } from '../../../domain/environment/requests.ts'
import type { EnvironmentState } from '../../../domain/environment/state.ts'
import { ANNE, prepared, prod, request } from '../../domain/samples.ts'
import { attempt, onLab, place, type OnLab } from '../compose/on-lab.ts'
import { kustomizeBench, type Bench } from '../kustomize/bench.ts'
import { configMap, overlay } from '../kustomize/overlays.ts'

/** The lab's cluster and its compose host: what somebody does there between an approval and its start. */

let bench: Bench
let at: OnLab
beforeAll(async () => {
  ;[bench, at] = [await kustomizeBench(), await onLab(null)]
}, 120_000)
afterAll(async () => {
  await Promise.all([bench.remove(), at.remove()])
}, 60_000)

/** Plans what is rendered, by the activity, with a store in memory. */
function planner(target: Target, input: ActInput, previous: Buffer) {
  const kept = new Map<string, Buffer>()
  const put = (bytes: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    kept.set(digest, bytes)
    return digest
  }
  const deps = {
    attempt,
    estate: { file: { registry: { address: input.registry } } },
    store: {
      put: (bytes: Buffer) => Promise.resolve({ digest: put(bytes), bytes: bytes.length }),
      get: (digest: string) => Promise.resolve(kept.get(digest)!),
    },
    target: () => target,
  } as unknown as DeployDeps
  const snapshot = (content: Buffer) => ({ content: put(content), candidate: input.candidate, tag: input.tag }) as never
  const { project, environment } = input
  return (seen: string | null): Promise<PlanBrief> =>
    createPlanBriefly(deps)({ project, environment, snapshot: snapshot(input.content), previous: snapshot(previous), seen })
}

const wish = request('B', { id: 'v1.0.0', tag: 'v1.0.0' })

/** A release that was approved with this plan beside it. */
function approvedWith(shown: PlanBrief): EnvironmentState {
  const asked = absorbRequest(prod(), wish, 2000)
  const { preparation, ...rest } = prepared(asked, wish)
  const plan = planSeen({ ok: true, ...shown }, undefined, 2000)
  const waits = absorbPreparation(asked, wish, { ...rest, preparation: { ...preparation, plan } }, 2000)
  return judgeApprove(waits, { request: wish.id, hash: preparation.requestHash, by: ANNE, reason: null }, 3000).state
}

/** What the environment does with the plan at the start. */
function starts(state: EnvironmentState, now: PlanBrief): { lapsed: boolean; words: string | undefined } {
  const { stage } = state.waiting[0]!
  if (stage.kind !== 'ready') throw new Error(stage.kind)
  const answer = { ok: true as const, ...now }
  const lapsed = absorbUnseen(state, wish, stage.preparation, answer, 4000)
  const next = lapsed ?? absorbStartPlan(state, wish, stage.preparation, answer, 4000)
  return { lapsed: lapsed !== null, words: next.entries.find(({ event }) => event === 'lapsed' || event === 'planned')?.text }
}

test('on the cluster: a field that somebody changes is recorded, an object that would be pruned makes the approval lapse', async () => {
  const env = await bench.environment()
  const kubectl = (args: string[], input?: string) => bench.kubectl(['-n', env.namespace, ...args], input)
  const first = await env.render(
    overlay(env.namespace, { 'a.yaml': configMap('a', { x: 'old' }), 'b.yaml': configMap('b', { x: '1' }) }),
    {},
  )
  await env.target.apply(env.input(first, {}, 1), env.attempt)
  // Somebody took it away by hand, and keeps it.
  const kept = await kubectl(['get', 'configmap', 'b', '-o', 'json'])
  await kubectl(['delete', 'configmap', 'b'])

  const second = await env.render(overlay(env.namespace, { 'a.yaml': configMap('a', { x: 'new' }) }), {})
  const plan = planner(env.target, env.input(second, {}, 2), first)
  const shown = await plan(null)
  expect(shown).toMatchObject({ counts: { update: 1, delete: 0 }, removals: { names: [] }, otherwise: null })
  const approved = approvedWith(shown)
  expect(starts(approved, await plan(shown.whole.digest))).toEqual({ lapsed: false, words: undefined })

  await kubectl(['annotate', 'configmap', 'a', 'note=by-hand'])
  await kubectl(['patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"y":"by hand"}}'])
  const moved = await plan(shown.whole.digest)
  expect(moved.basis).not.toBe(shown.basis)
  expect(starts(approved, moved)).toEqual({
    lapsed: false,
    words:
      'v1.0.0: it changes something else than was shown, and nothing more is taken away: update configmap/a (of other fields or values)',
  })

  const { metadata, ...again } = JSON.parse(kept) as { metadata: Record<string, unknown> }
  const { name, namespace, labels, annotations } = metadata
  await kubectl(['create', '-f', '-'], JSON.stringify({ ...again, metadata: { name, namespace, labels, annotations } }))
  const grown = await plan(shown.whole.digest)
  expect(starts(approved, grown)).toEqual({
    lapsed: true,
    words: 'v1.0.0: its approval lapsed, it would delete configmap/b, which the plan that was shown did not say',
  })
  // Shown, it is nothing new.
  expect(starts(approvedWith(grown), await plan(grown.whole.digest))).toEqual({ lapsed: false, words: undefined })
}, 60_000)

test('by compose: a container that stopped is recorded, one that would be made anew makes the approval lapse', async () => {
  const deployer = at.target()
  await place(join(deployer.directory, 'api.env'), 'LEVEL=info\n', at.host.user)
  const service = (name: string, more = '') =>
    `  ${name}:\n    image: \${REGISTRY}/${at.prefix}/${name}:\${TAG}\n    restart: "no"\n${more}`
  const file = `version: "3.7"\nservices:\n${service('web')}${service('api', '    env_file: api.env\n')}`
  const images: ServiceImage[] = [await at.image('api', '1'), await at.image('web', '1')]
  const first = await deployer.render(file, images)
  await deployer.target.apply(first, attempt())
  const second = await deployer.render(file, [images[0]!, await at.image('web', '2')])
  const plan = planner(deployer.target, second, first.content)
  const shown = await plan(null)
  expect(shown.removals).toEqual({ names: ['replace service web'], left: 0 })
  const approved = approvedWith(shown)

  const container = (name: string) =>
    at.docker(
      'ps',
      '-aq',
      '--filter',
      `label=com.docker.compose.project=${deployer.project}`,
      '--filter',
      `label=com.docker.compose.service=${name}`,
    )
  await at.docker('stop', '-t', '0', await container('api'))
  expect(starts(approved, await plan(shown.whole.digest))).toEqual({
    lapsed: false,
    words: 'v1.0.0: it changes something else than was shown, and nothing more is taken away: update service api (was unchanged)',
  })

  await place(join(deployer.directory, 'api.env'), 'LEVEL=debug\n', at.host.user)
  expect(starts(approved, await plan(shown.whole.digest))).toEqual({
    lapsed: true,
    words: 'v1.0.0: its approval lapsed, it would replace service api, which the plan that was shown did not say',
  })
}, 120_000)
