import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createScriptTarget } from '../../../activities/script/target.ts'
import { testHost, type TestHost } from '../ssh/host.ts'
import { hostProxy } from './host-proxy.ts'
import { startSleeper } from './start.ts'

/** A worker is stopped between asking the host and sending what is to be done, and wakes after the next deployment. */
let at: TestHost
beforeAll(async () => void (at = await testHost()), 60_000)
afterAll(async () => {
  const passwd = await readFile('/etc/passwd', 'utf8')
  const home = passwd
    .split('\n')
    .find((line) => line.startsWith(`${at.host.user}:`))!
    .split(':')[5]!
  await rm(join(home, '.slipway', `${PROJECT}.prod`), { recursive: true, force: true })
  await at.remove()
})

const PROJECT = `sleeper${process.pid}`

test('a placed script of an older deployment is not run once a younger one took the fence', async () => {
  const [command, ran] = [join(at.folder, 'deploy.sh'), join(at.folder, 'ran')]
  await writeFile(command, `#!/bin/sh\necho "$TAG" >>${ran}\n`)
  await chmod(command, 0o755)
  const attempt = { signal: new AbortController().signal, heartbeat: () => {} }
  const estate = { host: 'h', command, timeoutSeconds: 30 }
  const target = createScriptTarget({ target: estate, host: at.host, deps: at.deps, registry: {} as never })
  const inputOf = async (tag: string, epoch: number) => {
    const candidate = { revision: 'a'.repeat(40), configHash: 'c'.repeat(64), images: [] }
    const base = { project: PROJECT, environment: 'prod', candidate, tag, registry: 'registry.example' }
    const content = await target.render({ ...base, parts: {}, mirror: {} as never }, attempt)
    return { ...base, content, previous: null, rolloutTimeoutMs: 1000, fence: { epoch, attempt: 1 } }
  }
  await target.apply(await inputOf('v1.0.0', 1), attempt)

  const asleep = Promise.withResolvers<void>()
  const proxy = await hostProxy(at.host.port, async () => {
    await sleeper.stop()
    asleep.resolve()
  })
  const host = { ...at.host, port: proxy.port, hostKey: { fingerprint: at.fingerprint } }
  const sleeper = startSleeper({ script: { target: estate, host } }, await inputOf('v1.0.1', 2))
  try {
    await asleep.promise
    await target.apply(await inputOf('v1.0.2', 3), attempt)
    sleeper.wake()
    expect(await sleeper.end).toMatchObject({
      kind: 'failed',
      type: 'Fenced',
      message: expect.stringContaining('is held by deployment 3, attempt 1, which is newer than this one (deployment 2, attempt 1)'),
    })
    expect(await readFile(ran, 'utf8')).toBe('v1.0.0\nv1.0.2\n')
  } finally {
    sleeper.wake()
    proxy.close()
  }
}, 60_000)
