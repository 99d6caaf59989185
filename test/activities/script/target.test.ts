import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActInput } from '../../../activities/deploy/target.ts'
import { putTag } from '../../../activities/image/put-tag.ts'
import { createRegistry, digestOf, type Registry } from '../../../activities/registry/client.ts'
import { OCI_MANIFEST } from '../../../activities/registry/media-types.ts'
import { createScriptTarget } from '../../../activities/script/target.ts'
import type { Candidate, ServiceImage } from '../../../domain/candidate.ts'
import type { ScriptAnswer } from '../../../domain/settings.ts'
import { labUp } from '../../../lab/up.ts'
import { unasked } from '../unasked.ts'
import { testHost, type TestHost } from '../ssh/host.ts'

let at: TestHost
let registry: Registry
let candidate: Candidate
beforeAll(async () => {
  at = await testHost()
  const { address } = (await labUp({ checkout: process.cwd(), parts: ['registry'] })).registry
  registry = createRegistry({ address, plainHttp: true }, { environment: {}, readFile: async () => '' })
  candidate = await pushed('one')
})
afterAll(() => at.remove())

const PROJECT = 'test-script'
const PREFIX = `test-script-${randomUUID().slice(0, 8)}`
const attempt = { signal: new AbortController().signal, heartbeat: () => {} }

/** Two images in the lab's registry, without a tag. Nobody ever runs them. */
async function pushed(words: string): Promise<Candidate> {
  const image = async (service: string): Promise<ServiceImage> => {
    const repository = `${PREFIX}/${service}`
    const bytes = Buffer.from(JSON.stringify({ words, service }))
    const config = await registry.writeBlob(repository, bytes, attempt.signal)
    const mediaType = OCI_MANIFEST
    const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: bytes.length }
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: descriptor, layers: [] }))
    const digest = digestOf(manifest)
    await registry.writeManifest(repository, digest, { mediaType, bytes: manifest }, attempt.signal)
    return { service, repository, digest, inputs: '', reused: false }
  }
  return { revision: 'a'.repeat(40), configHash: 'c'.repeat(64), images: [await image('api'), await image('web-site')] }
}

const named = (of: Candidate, tag: string) =>
  Promise.all(of.images.map(({ repository }) => registry.resolve(repository, tag, attempt.signal)))
const digests = (of: Candidate) => of.images.map(({ digest }) => digest)

let epoch = Date.now()

async function placed(text: string, mode = 0o755): Promise<{ command: string; state: string }> {
  const environment = `e${++epoch}`
  const command = join(at.folder, `${environment}.sh`)
  await writeFile(command, text)
  await chmod(command, mode)
  return { command, state: environment }
}

type More = {
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal
  readonly fence?: { readonly epoch: number; readonly attempt: number }
  readonly candidate?: Candidate
  readonly tag?: string
  readonly answers?: ScriptAnswer[]
  readonly takeBack?: boolean
}

/** A placed script as a target, and what a deployment by it is called with. */
async function rendered(command: string, environment: string, more: More = {}) {
  const { timeoutSeconds = 30, answers } = more
  const target = createScriptTarget({
    target: { host: 'h', command, timeoutSeconds, ...(answers === undefined ? {} : { answers }) },
    host: at.host,
    deps: at.deps,
    registry,
  })
  const base = {
    project: PROJECT,
    environment,
    candidate: more.candidate ?? candidate,
    tag: more.tag ?? 'v1.0.0',
    registry: registry.address,
  }
  const content = await target.render({ ...base, parts: {}, mirror: {} as never }, attempt)
  return { target, base: { ...base, content, previous: null, ...(more.takeBack === true ? { takeBack: true } : {}) } }
}

async function deploy(command: string, environment: string, more: More = {}) {
  const { target, base } = await rendered(command, environment, more)
  const input: ActInput = { ...base, rolloutTimeoutMs: 1000, fence: more.fence ?? { epoch: ++epoch, attempt: 1 } }
  const applied = await target.apply(input, { ...attempt, signal: more.signal ?? attempt.signal })
  return { applied, verified: await target.verify(input, attempt, unasked), content: base.content.toString() }
}

afterAll(async () => {
  const home = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((line) => line.startsWith(`${at.host.user}:`))!
    .split(':')[5]!
  await rm(join(home, '.slipway'), { recursive: true, force: true })
})

test('exports TAG and the digests, runs from the home folder, and says what it cannot see', async () => {
  const { command, state } = await placed('#!/bin/sh\necho "$TAG $DIGEST_API $DIGEST_WEB_SITE"; pwd; echo "[${SLIPWAY_COMMAND-unset}]"')
  const { applied, verified, content } = await deploy(command, state)
  const lines = applied.logText.trim().split('\n')
  expect(lines[0]).toBe(`v1.0.0 ${candidate.images[0]!.digest} ${candidate.images[1]!.digest}`)
  expect(lines[2]).toBe('[unset]')
  expect(await named(candidate, 'v1.0.0')).toEqual(digests(candidate))
  expect(applied.changes.at(-1)).toEqual(`script ${command} ended with exit code 0`)
  expect(verified.observed).toEqual([expect.stringContaining('not available for a script target')])
  expect(content).not.toMatch(/epoch|attempt/)
})

test('a failing script is permanent, with its last lines', async () => {
  const { command, state } = await placed('#!/bin/sh\necho one\necho "namespace is gone" >&2\nexit 3')
  await expect(deploy(command, state)).rejects.toMatchObject({
    type: 'RolloutFailed',
    nonRetryable: true,
    message: expect.stringContaining('ended with exit code 3: namespace is gone'),
    details: [{ observed: ['one', 'namespace is gone'] }],
  })
})

test('a script that is not there or may not be run is named', async () => {
  await expect(deploy('nowhere.sh', 'nowhere')).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('there is no script ./nowhere.sh'),
  })
  const { command, state } = await placed('#!/bin/sh\n', 0o644)
  await expect(deploy(command, state)).rejects.toMatchObject({ message: expect.stringContaining('chmod +x') })
})

test('after the time that the estate gives it, the script is ended', async () => {
  const { command, state } = await placed(`#!/bin/sh\necho $$ >${at.folder}/late\nsleep 30`)
  await mkdir(at.folder, { recursive: true })
  await expect(deploy(command, state, { timeoutSeconds: 1 })).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('had not ended after 1 s'),
  })
  const pid = Number(await readFile(join(at.folder, 'late'), 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('a connection that breaks in the middle does not run the script twice', async () => {
  const count = join(at.folder, 'count')
  const { command, state } = await placed(`#!/bin/sh\necho run >>${count}\nsleep 1\necho finished`)
  const fence = { epoch: ++epoch, attempt: 1 }
  const lost = expect(deploy(command, state, { fence })).rejects.toMatchObject({ nonRetryable: false })
  while (!existsSync(count)) await sleep(10)
  await at.breakSessions()
  await lost
  // The workflow tries again as the next attempt of the same epoch.
  const { applied } = await deploy(command, state, { fence: { ...fence, attempt: 2 } })
  expect(applied.logText).toContain('finished')
  expect((await readFile(count, 'utf8')).trim()).toBe('run')
})

test('an older attempt that wakes up late is refused', async () => {
  const { command, state } = await placed('#!/bin/sh\n')
  await deploy(command, state, { fence: { epoch: 7, attempt: 2 } })
  await expect(deploy(command, state, { fence: { epoch: 7, attempt: 1 } })).rejects.toMatchObject({ type: 'Fenced' })
})

test('check says what is there and what is not', async () => {
  const { command } = await placed('#!/bin/sh\n')
  const target = (path: string) =>
    createScriptTarget({ target: { host: 'h', command: path, timeoutSeconds: 5 }, host: at.host, deps: at.deps, registry })
  expect(await target(command).check(attempt)).toContain(`the script ${command}`)
  await expect(target('nowhere.sh').check(attempt)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('place it there'),
  })
})

test('TAG is moved to the approved digests before the script runs', async () => {
  const [one, other] = [candidate, await pushed('other')]
  const { command, state } = await placed('#!/bin/sh\n')
  await putTag(registry, { images: other.images, tag: 'v1.1.0', move: true }, attempt.signal)
  const { applied } = await deploy(command, state, { tag: 'v1.1.0', candidate: one })
  expect(await named(one, 'v1.1.0')).toEqual(digests(one))
  expect(applied.changes).toEqual([
    ...one.images.map(({ repository, digest }) => `${repository}:v1.1.0 moved to ${digest}`),
    `script ${command} ended with exit code 0`,
  ])
})

test('nothing is run where TAG cannot name what was approved', async () => {
  const { command, state } = await placed(`#!/bin/sh\ntouch ${at.folder}/ran`)
  const gone = { ...candidate, images: candidate.images.map((image) => ({ ...image, digest: `sha256:${'0'.repeat(64)}` })) }
  await expect(deploy(command, state, { tag: 'v1.2.0', candidate: gone })).rejects.toMatchObject({
    type: 'NotFound',
    nonRetryable: true,
    message: expect.stringContaining('which is to be named v1.2.0'),
  })
  expect(existsSync(join(at.folder, 'ran'))).toBe(false)
})

test('a TAG that somebody moved while the script ran is a failed rollout, with both digests', async () => {
  const other = await pushed('other')
  const [begun, go] = [join(at.folder, 'begun'), join(at.folder, 'go')]
  const { command, state } = await placed(`#!/bin/sh\ntouch ${begun}\nwhile [ ! -e ${go} ]; do sleep 0.05; done`)
  const failed = expect(deploy(command, state, { tag: 'v1.3.0' })).rejects.toMatchObject({
    type: 'RolloutFailed',
    details: [
      {
        observed: [
          expect.stringContaining(
            `${other.images[1]!.digest} when the script had run; expected the approved ${candidate.images[1]!.digest}`,
          ),
        ],
      },
    ],
  })
  while (!existsSync(begun)) await sleep(10)
  await putTag(registry, { images: other.images.slice(1), tag: 'v1.3.0', move: true }, attempt.signal)
  await writeFile(go, '')
  await failed
})

test('an attempt that joins the run of another one sees what was moved meanwhile, though it moves it back', async () => {
  const other = await pushed('other')
  const { command, state } = await placed('#!/bin/sh\n')
  const fence = { epoch: ++epoch, attempt: 1 }
  await deploy(command, state, { tag: 'v1.4.0', fence })
  await putTag(registry, { images: other.images, tag: 'v1.4.0', move: true }, attempt.signal)
  await expect(deploy(command, state, { tag: 'v1.4.0', fence: { ...fence, attempt: 2 } })).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('Somebody moved it meanwhile'),
  })
  expect(await named(candidate, 'v1.4.0')).toEqual(digests(candidate))
})

/** A script that writes down how it was called, and answers every word. */
const ANSWERING = (folder: string) => `#!/bin/sh
echo "$# $1 $TAG" >>${folder}/called
case $1 in
  plan) echo "- replicas: 2"; echo "+ replicas: 3"; [ ! -e ${folder}/refuses ] || { echo "no such namespace" >&2; exit 4; } ;;
  status) cat ${folder}/drift 2>/dev/null && exit 1; [ ! -e ${folder}/refuses ] || { echo "cannot ask" >&2; exit 2; } ;;
esac
exit 0
`

test('a script that is not said to answer is never called with a word', async () => {
  const { command, state } = await placed(ANSWERING(at.folder))
  const called = join(at.folder, 'called')
  await rm(called, { force: true })
  const { target } = await rendered(command, state)
  expect(target.plan).toBeUndefined()
  expect(target.inspect).toBeUndefined()
  await deploy(command, state, { takeBack: true })
  expect(await readFile(called, 'utf8')).toBe('0  v1.0.0\n')
})

test('plan: what the script says, with nothing fenced and nothing moved', async () => {
  const { command, state } = await placed(ANSWERING(at.folder))
  const { target, base } = await rendered(command, state, { tag: 'v2.0.0', answers: ['plan'] })
  const planned = await target.plan!(base, attempt)
  expect(planned.changes).toMatchObject([{ object: `script ${command}`, change: 'unknown', diff: '- replicas: 2\n+ replicas: 3' }])
  expect((await target.plan!(base, attempt)).basis).toBe(planned.basis)
  expect((await target.look({ ...base }, attempt)).epoch).toBe(0)
  expect(await named(candidate, 'v2.0.0')).toEqual([null, null])
  await writeFile(join(at.folder, 'refuses'), '')
  await expect(target.plan!(base, attempt)).rejects.toMatchObject({
    type: 'RenderFailed',
    message: expect.stringContaining('ended with exit code 4: no such namespace'),
  })
  await rm(join(at.folder, 'refuses'))
  // Another script put it there: whether that one answers is not known.
  const { base: older } = await rendered('elsewhere.sh', state, { answers: ['plan'] })
  await expect(target.plan!(older, attempt)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
})

test('status: no drift, drift line by line, or a failure', async () => {
  const { command, state } = await placed(ANSWERING(at.folder))
  const { target, base } = await rendered(command, state, { answers: ['status'] })
  const input = { ...base, epoch: 3 }
  expect(await target.inspect!(input, attempt)).toEqual([])
  await writeFile(join(at.folder, 'drift'), 'replicas: 5 instead of 2\n\u001b[31mimage: v0.9.0\n')
  expect(await target.inspect!(input, attempt)).toMatchObject([
    { object: `script ${command}`, field: 'status', found: 'replicas: 5 instead of 2' },
    { found: 'image: v0.9.0' },
  ])
  await rm(join(at.folder, 'drift'))
  await writeFile(join(at.folder, 'refuses'), '')
  await expect(target.inspect!(input, attempt)).rejects.toMatchObject({ message: expect.stringContaining('exit code 2: cannot ask') })
  await rm(join(at.folder, 'refuses'))
})

test('restore: a way back is called with the word, with the older TAG on its digests', async () => {
  const { command, state } = await placed(ANSWERING(at.folder))
  const called = join(at.folder, 'called')
  await rm(called, { force: true })
  const fence = { epoch: ++epoch, attempt: 1 }
  await deploy(command, state, { tag: 'v1.9.0', answers: ['restore'], fence })
  await deploy(command, state, { tag: 'v1.8.0', answers: ['restore'], takeBack: true, fence: { ...fence, attempt: 2 } })
  expect(await readFile(called, 'utf8')).toBe('0  v1.9.0\n1 restore v1.8.0\n')
  expect(await named(candidate, 'v1.8.0')).toEqual(digests(candidate))
})
