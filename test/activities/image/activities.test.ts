import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BuiltImage } from '../../../activities/contract.ts'
import { cleanWith } from '../../../activities/image/clean-images.ts'
import { inputsTag } from '../../../activities/image/inputs.ts'
import { onLab, type OnLab } from './lab.ts'

/** Against the lab's real engine and registry. */

let lab: OnLab
beforeAll(async () => {
  lab = await onLab()
}, 600_000)
afterAll(async () => await lab.remove())

const signal = new AbortController().signal
const DOCKERFILE = 'ARG BASE=busybox:1.36\nFROM $BASE\nCOPY . /app\n'
const config = (services: Record<string, string>) =>
  `project: website\nservices:\n${Object.entries(services)
    .map(([name, more]) => `  ${name}: { image: ${lab.prefix}/${name}, context: ${name}${more} }\n`)
    .join('')}`

async function plan(revision: string) {
  return await lab.activities.planBuild({ project: 'website', revision })
}

async function buildAll(revision: string): Promise<BuiltImage[]> {
  const { services } = await plan(revision)
  return await Promise.all(
    services.map(async ({ service, inputs }) => await lab.activities.buildImage({ project: 'website', revision, service, inputs })),
  )
}

/** What a container of the image says. */
async function runImage(image: { repository: string; digest: string }, ...command: string[]): Promise<string> {
  const host = lab.deps.estate.file.engine.dockerHost ?? ''
  const name = `${lab.registryAddress}/${image.repository}@${image.digest}`
  return (
    await promisify(execFile)('docker', ['run', '--rm', '--network', 'none', name, ...command], {
      env: { ...process.env, DOCKER_HOST: host },
    })
  ).stdout
}

test('a sprint’s way: built once, known ever after, named without a build', { timeout: 120_000 }, async () => {
  const files = {
    'slipway.yaml': config({ web: '', api: '' }),
    'web/Dockerfile': DOCKERFILE,
    'web/a': '1',
    'api/Dockerfile': DOCKERFILE,
    'api/a': '1',
  }
  const first = await lab.git.commit(files)
  const planned = await plan(first)
  expect(planned).toMatchObject({
    revision: first,
    services: [
      { service: 'api', known: null },
      { service: 'web', repository: `${lab.prefix}/web`, known: null },
    ],
  })
  const built = await buildAll(first)
  expect(built.map(({ service, reused, log }) => ({ service, reused, logged: log !== null }))).toEqual([
    { service: 'api', reused: false, logged: true },
    { service: 'web', reused: false, logged: true },
  ])
  for (const image of built) {
    expect(await lab.deps.registry.resolve(image.repository, inputsTag(image.inputs), signal)).toBe(image.digest)
    const manifest = await lab.deps.registry.readManifest(image.repository, image.digest, signal)
    expect(manifest?.digest).toBe(image.digest)
  }
  expect(lab.lines.some((line) => /Step \d\/\d/.test(line) || line.includes('push:'))).toBe(true)

  // Only one service changes: the other's image is known.
  const second = await lab.git.commit({ 'web/a': '2' })
  const again = await plan(second)
  expect(again.configHash).toBe(planned.configHash)
  expect(again.services.map((each) => each.known)).toEqual([built[0]?.digest, null])
  const [api, web] = await buildAll(second)
  expect(api).toMatchObject({ digest: built[0]?.digest, reused: true, log: null })
  expect(web?.reused).toBe(false)
  expect(await runImage(web ?? built[0]!, 'cat', '/app/a')).toBe('2')

  // The promotion.
  const candidate = { revision: second, configHash: again.configHash, images: [api!, web!] }
  const input = { project: 'website', candidate, tag: 'v1.0.0', move: false }
  expect(await lab.activities.nameImages(input)).toEqual({ named: 2 })
  expect(await lab.activities.nameImages(input)).toEqual({ named: 0 })
  for (const image of candidate.images) expect(await lab.deps.registry.resolve(image.repository, 'v1.0.0', signal)).toBe(image.digest)
  const earlier = { ...candidate, images: [built[0]!, built[1]!] }
  await expect(lab.activities.nameImages({ ...input, candidate: earlier })).rejects.toMatchObject({
    type: 'Conflict',
    message: expect.stringMatching(new RegExp(`already names ${web?.digest}.*is ${built[1]?.digest}`)),
  })
  expect(await lab.activities.nameImages({ ...input, candidate: earlier, move: true })).toEqual({ named: 1 })
  const gone = { ...candidate, images: [{ ...api!, digest: `sha256:${'0'.repeat(64)}` }] }
  await expect(lab.activities.nameImages({ ...input, candidate: gone, tag: 'v9.9.9' })).rejects.toMatchObject({ type: 'NotFound' })
})

test('a command that fails is told with its step, its words and its log', { timeout: 60_000 }, async () => {
  const revision = await lab.git.commit({
    'slipway.yaml': config({ web: '' }),
    'web/Dockerfile': `${DOCKERFILE}RUN echo the reason is this; exit 3\n`,
  })
  const failure = (await buildAll(revision).catch((error: unknown) => error)) as { message: string; details: { log: { digest: string } }[] }
  expect(failure).toMatchObject({ type: 'BuildFailed', nonRetryable: true })
  expect(failure.message).toMatch(
    /the build of web failed at step 4\/4 : RUN echo .*non-zero code: 3\. It ended with:[\s\S]*\n {2}the reason is this/,
  )
  expect((await lab.deps.store.get(failure.details[0]?.log.digest ?? '', signal)).toString()).toContain('the reason is this\n')
})

test.each([
  ['a Dockerfile that does not parse', 'FORM x\nFROM scratch\n', /FORM|no build stage/i],
  ['a base that is not there', 'FROM 127.0.0.1:1/none:1\n', null],
])('%s', { timeout: 60_000 }, async (_, dockerfile, words) => {
  const revision = await lab.git.commit({ 'slipway.yaml': config({ web: '' }), 'web/Dockerfile': dockerfile })
  const failure = (await buildAll(revision).catch((error: unknown) => error)) as { type: string; message: string }
  // A registry that does not answer may do so later; what is written wrong stays so.
  expect(failure.type).toBe(words === null ? 'Unavailable' : 'BuildFailed')
  if (words) expect(failure.message).toMatch(words)
})

test('a pre-build makes what the image takes, and its inputs decide', { timeout: 60_000 }, async () => {
  const more = `, prebuild: { run: "echo making; cat src/a > web/made; env > web/environment", inputs: [src] }`
  const files = { 'slipway.yaml': config({ web: more }), 'web/Dockerfile': DOCKERFILE, 'src/a': 'from source', README: '1' }
  const [image] = await buildAll(await lab.git.commit(files))
  expect(await runImage(image!, 'cat', '/app/made')).toBe('from source')
  expect(await runImage(image!, 'cat', '/app/environment')).not.toMatch(/SLIPWAY_|TEMPORAL_|npm_/)
  const log = (await lab.deps.store.get(image?.log?.digest ?? '', signal)).toString()
  expect(log).toMatch(/^pre-build: echo making;[^\n]*\nmaking\nStep 1/)
  expect((await plan(await lab.git.commit({ README: '2' }))).services[0]?.known).toBe(image?.digest)
  expect((await plan(await lab.git.commit({ 'src/a': 'other' }))).services[0]?.known).toBeNull()
})

test('a pre-build that fails is a failed build', { timeout: 60_000 }, async () => {
  const revision = await lab.git.commit({
    'slipway.yaml': config({ web: ', prebuild: { run: "echo no compiler >&2; exit 4" }' }),
    'web/Dockerfile': DOCKERFILE,
  })
  await expect(buildAll(revision)).rejects.toMatchObject({
    type: 'BuildFailed',
    message: expect.stringMatching(/pre-build of web failed: it ended with code 4[\s\S]*no compiler/),
  })
})

test.each([
  ['the context', { 'web/Dockerfile': null, web: null }, /the service "web" names the context "web", which is not in the repository/],
  ['the Dockerfile', { 'web/Dockerfile': null, 'web/x': '' }, /names the Dockerfile "web\/Dockerfile", which is not in the repository/],
  ['a Dockerfile that is a link', { 'web/Dockerfile': { link: '/etc/passwd' } }, /has no FROM line/],
  ['slipway.yaml', { 'slipway.yaml': null }, /expected the file at the top of the repository of "website"/],
  [
    "another project's",
    { 'slipway.yaml': 'project: other\nservices: { a: { image: a/b } }\n' },
    /expected the project "website".*found "other"/,
  ],
  ['a broken one', { 'slipway.yaml': 'project: website\nservices: { a: { imgae: a/b } }\n' }, /imgae/],
  [
    "another project's repository",
    { 'slipway.yaml': 'project: website\nservices: { a: { image: shop/api } }\n' },
    /slipway\.yaml at .*:2:25 services\.a\.image: found "shop\/api", which the estate gives to the project "shop"/,
  ],
  ["Slipway's own repository", { 'slipway.yaml': 'project: website\nservices: { a: { image: slipway/store } }\n' }, /Choose another/],
])('what is not to be had is said: %s', async (_, files, words) => {
  await lab.git.commit({ 'slipway.yaml': config({ web: '' }), 'web/Dockerfile': DOCKERFILE })
  const revision = await lab.git.commit(files)
  await expect(plan(revision)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    nonRetryable: true,
    message: expect.stringMatching(words),
  })
})

test('a context that a link leads out of the checkout is refused at the build', async () => {
  const revision = await lab.git.commit({
    'slipway.yaml': config({ web: ', prebuild: { run: "rm -r web && ln -s /etc web" }' }),
    'web/Dockerfile': DOCKERFILE,
  })
  await expect(buildAll(revision)).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('leads out of the repository'),
  })
})

test('a base that moves makes another image, of the new base', { timeout: 60_000 }, async () => {
  const [registry] = [lab.deps.registry]
  const repository = `${lab.prefix}/base`
  const base = await lab.git.commit({
    'slipway.yaml': config({ base: '' }),
    'base/Dockerfile': `${DOCKERFILE}RUN echo one > /which\n`,
    'base/x': '',
  })
  const one = (await buildAll(base))[0]!
  const two = (await buildAll(await lab.git.commit({ 'base/Dockerfile': `${DOCKERFILE}RUN echo two > /which\n` })))[0]!
  const move = async (digest: string) =>
    await registry.writeManifest(repository, 'stable', (await registry.readManifest(repository, digest, signal))!, signal)
  await move(one.digest)
  const revision = await lab.git.commit({
    'slipway.yaml': config({ web: '' }),
    'web/Dockerfile': `FROM ${lab.registryAddress}/${repository}:stable\nCOPY . /app\n`,
  })
  const before = (await buildAll(revision))[0]!
  expect(await runImage(before, 'cat', '/which')).toBe('one\n')
  await move(two.digest)
  expect((await plan(revision)).services[0]?.known).toBeNull()
  // Asked with the inputs of before, too: what is counted now is what is built, and said.
  const after = await lab.activities.buildImage({ project: 'website', revision, service: 'web', inputs: 'f'.repeat(64) })
  expect(after.inputs).not.toBe(before.inputs)
  expect(await runImage(after, 'cat', '/which')).toBe('two\n')
})

test('what is left out is what docker leaves out', { timeout: 60_000 }, async () => {
  const rules = [
    '# comment',
    '**/*.md',
    '!docs/keep.md',
    'deep/**',
    '!deep/a/in.txt',
    '*.tmp',
    'b?',
    '/top',
    'xx/[a-c].txt',
    'docs/../gone',
  ].join('\n')
  const paths = [
    'README.md',
    'docs/keep.md',
    'docs/other.md',
    'deep/a/in.txt',
    'deep/a/out.txt',
    'deep/z',
    'a.tmp',
    'xx/a.tmp',
    'b1',
    'bb1',
    'top',
    'xx/top',
    'xx/b.txt',
    'xx/d.txt',
    'gone/x',
    'link-target',
  ]
  const files = Object.fromEntries(paths.map((path) => [`web/${path}`, path]))
  const revision = await lab.git.commit({
    ...files,
    'web/.dockerignore': rules,
    'web/Dockerfile': DOCKERFILE,
    'web/link': { link: 'link-target' },
    'slipway.yaml': config({ web: '' }),
  })
  const ours = await runImage((await buildAll(revision))[0]!, 'find', '/app', '!', '-type', 'd')
  const { folder, release } = await lab.git.mirror.checkout(revision, signal)
  const env = { ...process.env, DOCKER_HOST: lab.deps.estate.file.engine.dockerHost, DOCKER_BUILDKIT: '0' }
  const name = `${lab.registryAddress}/${lab.prefix}/by-hand:1`
  await promisify(execFile)('docker', ['build', '-q', '-t', name, '--build-arg', `BASE=${lab.busybox}`, `${folder}/web`], { env })
  const theirs = (
    await promisify(execFile)('docker', ['run', '--rm', '--network', 'none', name, 'find', '/app', '!', '-type', 'd'], { env })
  ).stdout
  await release()
  expect(ours.split('\n').toSorted()).toEqual(theirs.split('\n').toSorted())
  expect(theirs).toContain('/app/deep/a/in.txt')
})

test('cancelling stops the build in the engine', { timeout: 60_000 }, async () => {
  const own = await onLab()
  const revision = await own.git.commit({
    'slipway.yaml': `project: website\nservices:\n  web: { image: ${own.prefix}/web }\n`,
    Dockerfile: `${DOCKERFILE}RUN echo ${own.prefix} begins; sleep 300\n`,
  })
  const building = own.activities.buildImage({ project: 'website', revision, service: 'web', inputs: '0'.repeat(64) })
  building.catch(() => {})
  const steps = async () => (await own.workshop.engine.listContainers({ all: true })).filter((each) => each.Command.includes(own.prefix))
  await expect.poll(async () => (await steps()).length, { timeout: 20_000 }).toBe(1)
  const stopping = performance.now()
  own.abort(new Error('cancelled by a test'))
  await expect(building).rejects.toThrow('cancelled by a test')
  expect(performance.now() - stopping).toBeLessThan(2000)
  await expect.poll(async () => (await steps()).length, { timeout: 20_000 }).toBe(0)
  await own.remove()
})

test('cleaning removes old images of Slipway from the engine, and leaves the registry alone', { timeout: 60_000 }, async () => {
  const names = async () =>
    (await lab.workshop.engine.listImages())
      .flatMap((image) => image.RepoTags ?? [])
      .filter((name) => name.includes(`/${lab.prefix}/clean:`))
  const images: BuiltImage[] = []
  for (const content of ['1', '2', '3'])
    images.push(
      (
        await buildAll(
          await lab.git.commit({ 'slipway.yaml': config({ clean: '' }), 'clean/Dockerfile': DOCKERFILE, 'clean/a': `clean ${content}` }),
        )
      )[0]!,
    )
  expect((await names()).length).toBe(3)
  // Only this test's repositories are looked at: the engine is shared.
  const engine = Object.create(lab.workshop.engine, {
    listImages: {
      value: async () =>
        (await lab.workshop.engine.listImages()).filter((image) =>
          (image.RepoTags ?? []).some((name) => name.includes(`/${lab.prefix}/clean:`)),
        ),
    },
  }) as typeof lab.workshop.engine
  const cleaned = await cleanWith({ ...lab.workshop, engine }, { keepPerRepository: 1, youngerThanMs: 0, nowMs: Date.now() + 1000 }, signal)
  expect(cleaned.images).toBe(2)
  expect((await names()).length).toBe(1)
  for (const image of images) expect(await lab.deps.registry.resolve(image.repository, image.digest, signal)).toBe(image.digest)
})
