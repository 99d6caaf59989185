import { afterAll, beforeAll, expect, test } from 'vitest'
import { attempt, onLab, type OnLab } from '../compose/on-lab.ts'
import { hostProxy } from './host-proxy.ts'
import { startSleeper } from './start.ts'

/** A worker is stopped between asking the host and sending what is to be done, and wakes after the next deployment. */
let at: OnLab
beforeAll(async () => void (at = await onLab(null)), 120_000)
afterAll(async () => await at.remove(), 60_000)

test('a worker that oversleeps is refused by the host itself, and nothing changes there', async () => {
  const file = (version: string) =>
    `services:\n  website:\n    image: \${REGISTRY}/${at.prefix}/website:\${TAG}\n    labels: {version: ${version}}\n`
  const image = await at.image('website', 'one')
  const { target, directory, project, render } = at.target()
  const first = await render(file('first'), [image], { fence: { epoch: 1, attempt: 1 } })
  await target.apply(first, attempt())
  const late = await render(file('sleeper'), [image], { fence: { epoch: 2, attempt: 1 } })
  const next = await render(file('next'), [image], { fence: { epoch: 3, attempt: 1 } })

  let stopped = () => {}
  const asleep = new Promise<void>((resolve) => (stopped = resolve))
  const proxy = await hostProxy(at.host.port, async () => {
    await sleeper.stop()
    stopped()
  })
  const host = { ...at.host, port: proxy.port, hostKey: { fingerprint: at.fingerprint } }
  const setup = { target: { host: 'h', directory, file: 'repository' as const, environment: {} }, host }
  const sleeper = startSleeper({ compose: setup }, late)
  try {
    await asleep
    await target.apply(next, attempt())
    const runs = async () =>
      await at.docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}} {{.Config.Labels.version}}', `${project}_website_1`)
    const before = await runs()
    expect(before).toMatch(/ next$/)
    sleeper.wake()
    expect(await sleeper.end).toMatchObject({
      kind: 'failed',
      type: 'Fenced',
      message: expect.stringContaining('is held by deployment 3, attempt 1, which is newer than this one (deployment 2, attempt 1)'),
      details: { held: { epoch: 3, attempt: 1 }, mine: { epoch: 2, attempt: 1 } },
    })
    expect(await runs()).toBe(before)
  } finally {
    sleeper.wake()
    proxy.close()
  }
}, 60_000)
