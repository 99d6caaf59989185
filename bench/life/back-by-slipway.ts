import { ANNE } from '../../test/fakes/conversation.ts'
import { deploymentId } from '../../workflows/ids.ts'
import { unvetoUpdate } from '../../workflows/messages.ts'
import { seenIn } from '../history/events.ts'
import { momentsOf, type Moments } from '../history/moments.ts'
import type { Bench } from '../measure/bench.ts'
import { nodePlaces, untilPodsAreSettled } from '../node-ports.ts'
import { untilServed } from '../served.ts'
import { expectOk } from '../ways/slipway.ts'
import { composePlaces, type Target } from '../ways/way.ts'
import { NEWER, OLDER, type WayBack } from './back.ts'
import type { Led } from './stage.ts'

const TIMEOUT_MS = 120_000

/** `slipway rollback prod`, from the start of the process. Both versions have been released before, in this order. */
export function openBackBySlipway({ env, signal }: Bench, led: Led, target: Target, tags: { older: string; newer: string }): WayBack {
  const { project, talk, cli } = led
  const prod = talk.handle.environment('prod')
  const settled = async () => {
    if (target === 'kustomize') await untilPodsAreSettled(env, project.shape, 'prod')
  }
  return {
    name: '`slipway rollback prod`',
    target,
    back: async () => {
      const places = target === 'compose' ? composePlaces(project) : await nodePlaces(env, project.shape, 'prod')
      await lift(tags.older)
      const begun = Date.now()
      const [served, answered] = await Promise.all([
        untilServed(places, OLDER, { timeoutMs: TIMEOUT_MS, signal }),
        cli('rollback', 'prod', '--to', tags.older, '--no-plan', '--reason', 'slower than before').then(() => Date.now()),
      ])
      await talk.runs('prod', tags.older, TIMEOUT_MS)
      const moments = await momentsSince(begun, led)
      await settled()
      const done = moments['verify ended'] ?? Number.NaN
      return { served: served - begun, done, moments: { ...moments, answered: answered - begun, served: served - begun } }
    },
    forth: async () => {
      const places = target === 'compose' ? composePlaces(project) : await nodePlaces(env, project.shape, 'prod')
      await lift(tags.newer)
      const { state } = await talk.environment('prod')
      const known = state.past.find(({ tag }) => tag === tags.newer)
      await expectOk(talk.rollback('prod', known?.epoch ?? -1, 'forth again'))
      await talk.runs('prod', tags.newer, TIMEOUT_MS)
      await untilServed(places, NEWER, { timeoutMs: TIMEOUT_MS, signal })
      await settled()
    },
  }

  /** What was rolled back from is vetoed: somebody has to say that it may come back. */
  async function lift(tag: string): Promise<void> {
    const { state } = await talk.environment('prod')
    const veto = state.vetoes.find((each) => each.tag === tag)
    if (veto === undefined) return
    await expectOk(prod.executeUpdate(unvetoUpdate, { args: [{ epoch: veto.epoch, by: ANNE, reason: 'measured once more' }] }))
  }
}

async function momentsSince(begun: number, { client, project, talk }: Led): Promise<Moments> {
  const { state } = await talk.environment('prod')
  const handle = client.workflow.getHandle(deploymentId(project.shape.name, 'prod', state.current?.epoch ?? 0))
  const deployment = seenIn(await handle.fetchHistory(), begun)
  const started = deployment.find(({ kind }) => kind === 'begun')?.at
  return { ...momentsOf({ repository: [], build: [], environment: [], deployment }), ...(started === undefined ? {} : { started }) }
}
