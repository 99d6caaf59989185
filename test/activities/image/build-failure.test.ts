import { afterEach, beforeEach, expect, test } from 'vitest'
import { createImageActivities } from '../../../activities/image/activities.ts'
import { fake, type Fake } from '../registry/fake.ts'
import { bench, type Bench } from './estate.ts'
import { fakeEngine, type FakeEngine } from './fake-engine.ts'
import { gitFolder, type GitFolder } from './git-folder.ts'

/** What an engine can do to a build, each against an engine that does just that. */

let git: GitFolder
let registry: Fake
let revision: string
const open: { close?: () => Promise<void>; remove?: () => Promise<void> }[] = []

beforeEach(async () => {
  git = await gitFolder()
  registry = await fake((_, to) => to.writeHead(404).end())
  revision = await git.commit({
    'slipway.yaml': 'project: website\nservices:\n  web: { image: eap/web }\n',
    Dockerfile: 'FROM scratch\nCOPY . /\n',
  })
  open.push(registry, git)
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await (each.close ?? each.remove)?.()))
})

async function buildOn(engine: FakeEngine | { dockerHost: string }): Promise<{ bench: Bench; built: Promise<unknown> }> {
  const at = await bench({ dockerHost: engine.dockerHost, registry: registry.address, mirror: git.mirror })
  open.push(at, 'close' in engine ? engine : {})
  const activities = createImageActivities(at.deps)
  const built = activities.buildImage({ project: 'website', revision, service: 'web', inputs: '0'.repeat(64) })
  built.catch(() => {})
  return { bench: at, built }
}

const line = (value: unknown) => `${JSON.stringify(value)}\n`

test.each([
  [
    'an error of a step',
    line({ stream: 'Step 2/2 : RUN false\n' }) +
      line({ errorDetail: { code: 1, message: "The command '/bin/sh -c false' returned a non-zero code: 1" } }),
    'BuildFailed',
    'failed at step 2/2 : RUN false',
  ],
  ['an early end', line({ stream: 'Step 1/2 : FROM scratch\n' }), 'Unavailable', 'before it named an image'],
  ['an empty answer', '', 'Unavailable', 'before it named an image'],
  ['what is no JSON', '<html>Bad Gateway</html>\n', 'Unavailable', 'Is a proxy in between?'],
  ['a full disk', line({ errorDetail: { message: 'write /x: no space left on device' } }), 'Unavailable', 'slipway clean'],
  [
    'a full disk in a command',
    line({ stream: 'cp: write error: No space left on device\n' }) +
      line({ error: "The command '/bin/sh -c x' returned a non-zero code: 1" }),
    'Unavailable',
    'slipway clean',
  ],
  [
    'a base that is not there',
    line({ errorDetail: { message: 'manifest for a:1 not found: manifest unknown: manifest unknown' } }),
    'BuildFailed',
    'manifest unknown',
  ],
  [
    'a base whose registry is away',
    line({ errorDetail: { message: 'Get "https://r/v2/": dial tcp: lookup r: no such host' } }),
    'Unavailable',
    'no such host',
  ],
  [
    'a command with suspicious words',
    line({ error: "The command '/bin/sh -c echo unauthorized; exit 1' returned a non-zero code: 1" }),
    'BuildFailed',
    'unauthorized',
  ],
])('%s', async (_, answer, type, words) => {
  const { built } = await buildOn(await fakeEngine({ build: (to) => to.end(answer) }))
  await expect(built).rejects.toMatchObject({ type, nonRetryable: type === 'BuildFailed', message: expect.stringContaining(words) })
})

test('a connection that breaks in the middle is transient', async () => {
  const { built } = await buildOn(
    await fakeEngine({ build: (to) => void to.write(line({ stream: 'Step 1/2 : FROM scratch\n' }), () => to.destroy()) }),
  )
  await expect(built).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false })
})

test('a Dockerfile that does not parse is a failed build', async () => {
  const message = 'dockerfile parse error line 1: unknown instruction: FORM'
  const { built } = await buildOn(
    await fakeEngine({ build: (to) => to.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ message })) }),
  )
  await expect(built).rejects.toMatchObject({ type: 'BuildFailed', message: expect.stringContaining('unknown instruction: FORM') })
})

test('no engine is transient, and named', async () => {
  const { built } = await buildOn({ dockerHost: 'unix:///nowhere/docker.sock' })
  await expect(built).rejects.toMatchObject({
    type: 'Unavailable',
    message: expect.stringContaining('the Docker engine at /nowhere/docker.sock is not reachable'),
  })
})

test('an engine that hangs is left at once when the attempt is cancelled, and sees it', async () => {
  let gone: () => void
  const closed = new Promise<void>((resolve) => (gone = resolve))
  const engine = await fakeEngine({
    build: (to) => {
      to.on('close', () => gone())
      to.write(line({ stream: 'Step 1/2 : FROM scratch\n' }))
    },
  })
  const { bench: at, built } = await buildOn(engine)
  await expect.poll(() => at.lines.some((each) => each.includes('Step 1/2')), { timeout: 5000 }).toBe(true)
  at.abort(new Error('cancelled by a test'))
  await expect(built).rejects.toThrow('cancelled by a test')
  await closed
})

const built = line({ aux: { ID: `sha256:${'a'.repeat(64)}` } }) + line({ stream: 'Successfully built aaaaaaaaaaaa\n' })

test.each([
  ['a refused push', line({ errorDetail: { message: 'unauthorized: authentication required' } }), 'Refused', 'registry.credentials'],
  ['a push that breaks off', line({ status: 'Pushing', id: 'x' }), 'Unavailable', 'before it named a digest'],
  [
    'a registry that fails',
    line({ errorDetail: { message: 'received unexpected HTTP status: 500 Internal Server Error' } }),
    'Unavailable',
    'not reachable for the engine',
  ],
])('%s', async (_, answer, type, words) => {
  const engine = await fakeEngine({ build: (to) => to.end(built), push: (to) => to.end(answer), imageId: `sha256:${'a'.repeat(64)}` })
  const { built: result } = await buildOn(engine)
  await expect(result).rejects.toMatchObject({ type, message: expect.stringContaining(words) })
})

test('what is failed keeps its log, and its last lines are told', async () => {
  const answer =
    line({ stream: 'Step 2/2 : RUN make\n' }) +
    line({ stream: 'make: *** no rule\n' }) +
    line({ error: "The command '/bin/sh -c make' returned a non-zero code: 2" })
  const { bench: at, built: result } = await buildOn(await fakeEngine({ build: (to) => to.end(answer) }))
  const failure = (await result.catch((error: unknown) => error)) as {
    message: string
    details: { log: { digest: string }; lastLines: string[] }[]
  }
  expect(failure.message).toContain('make: *** no rule')
  expect(failure.details[0]?.lastLines).toContain('make: *** no rule')
  const log = await at.deps.store.get(failure.details[0]?.log.digest ?? '', new AbortController().signal)
  expect(log.toString()).toContain('Step 2/2 : RUN make\nmake: *** no rule\n')
})
