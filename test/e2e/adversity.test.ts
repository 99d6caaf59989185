import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { createRegistry } from '../../activities/registry/client.ts'
import { readTar } from '../../evidence/tar.ts'
import { everyText, historyText } from '../fakes/every-text.ts'
import { until } from '../fakes/world.ts'
import { openEstate, type Estate } from './estate.ts'

const CANARY = 'canary-5f1d0c9e7b3a'

let estate: Estate
let good: string
const short = (revision: string) => revision.slice(0, 8)

beforeAll(async () => {
  estate = await openEstate('rough', 44, {
    CANARY_SECRET: CANARY,
    CANARY_USER: `user-${CANARY}`,
    CANARY_PASSPHRASE: `passphrase-${CANARY}`,
  })
  good = await readFile(estate.sample.estateFile, 'utf8')
})
afterAll(() => estate.close())

/** The worker starts again with another estate, as after an operator's edit. */
async function withEstate(change: (estate: EstateText) => void): Promise<void> {
  const value = parse(good) as EstateText
  change(value)
  await writeFile(estate.sample.estateFile, stringify(value))
  await estate.worker.stop()
  await estate.worker.start()
}

type EstateText = {
  registry: { address: string; credentials?: object }
  evidence?: object
  hosts: { lab: { port: number; hostKey: object; login: object } }
  clusters: { lab: { kubeconfig: string } }
  projects: { rough: { environments: { integration: { target: { compose: { environment: Record<string, unknown> } } } } } }
}

type SlipwayText = {
  services: { website: { prebuild?: object } }
  environments: { integration: { hooks?: object } }
}

const buildFailure = () =>
  until(
    () => estate.repository(),
    (state) => state.builds.some((build) => build.status === 'failed'),
    60_000,
  )

test('what is away is waited for with its reason, and goes on by itself when it is back', { timeout: 240_000 }, async () => {
  await withEstate((value) => void (value.registry.address = '127.0.0.1:9'))
  const first = await estate.git('rev-parse', 'develop')
  const view = await until(
    () => estate.build(first).catch(() => null),
    (seen) => seen?.services.some((service) => service.retry !== null) === true,
    60_000,
  )
  expect(view?.services.find((service) => service.retry !== null)?.retry?.reason).toMatch(/127\.0\.0\.1:9/)

  await withEstate((value) => void (value.hosts.lab.port = 9))
  const { waits } = await until(
    () => estate.environment('integration'),
    (seen) => seen.waits.some((wait) => wait.kind === 'retry'),
    90_000,
  )
  expect(waits[0]?.detail).toMatch(/127\.0\.0\.1:9/)

  await withEstate(() => undefined)
  await estate.runs('integration', `develop.${short(first)}`, 120_000)
})

test('a host key that does not fit is parked before any login; nothing was changed', { timeout: 120_000 }, async () => {
  await withEstate((value) => void (value.hosts.lab.hostKey = { fingerprint: `SHA256:${'A'.repeat(43)}` }))
  const pushed = await estate.change('develop', 'website/VERSION', '1.0.1\n')
  const { state } = await until(
    () => estate.environment('integration'),
    (seen) => seen.state.parked !== null,
    60_000,
  )
  expect(state.parked).toMatchObject({ target: 'intact', reason: expect.stringMatching(/SHA256:/) })
  await withEstate(() => undefined)
  expect(await estate.retry('integration')).toMatchObject({ ok: true })
  await estate.runs('integration', `develop.${short(pushed)}`, 60_000)
})

test('a cluster that is away is waited for with its reason', { timeout: 240_000 }, async () => {
  const kubeconfig = join(estate.sample.folder, '..', 'away.kubeconfig')
  const away = (await readFile(estate.env.kubernetes.kubeconfig, 'utf8')).replace(/https:\/\/[^"'\s,}]+/, 'https://127.0.0.1:9')
  await writeFile(kubeconfig, away)
  await withEstate((value) => void (value.clusters.lab.kubeconfig = kubeconfig))
  expect(await estate.start('1.0.0')).toMatchObject({ ok: true })
  const cut = await until(
    () => estate.say('1.0.0', { kind: 'cut', without: [] }),
    (answer) => answer.ok,
  )
  expect(cut.ok).toBe(true)
  const { waits } = await until(
    () => estate.sprint('1.0.0'),
    (seen) => seen.waits.some((wait) => wait.kind === 'retry'),
    60_000,
  )
  expect(waits.find((wait) => wait.kind === 'retry')?.detail).toMatch(/127\.0\.0\.1:9/)
  await withEstate(() => undefined)
  await until(
    () => estate.environment('alpha'),
    ({ state }) => state.current !== null,
    120_000,
  )
})

test('a Dockerfile that fails gives its last lines; the sprint lives on and the next push is tried', { timeout: 120_000 }, async () => {
  await estate.git('fetch', '--quiet', 'origin')
  const dockerfile = await readFile(join(estate.sample.folder, 'website', 'Dockerfile'), 'utf8')
  await estate.change('release-1.0.0', 'website/Dockerfile', `${dockerfile}RUN echo about to fail && false\n`)
  const { builds } = await buildFailure()
  expect(builds.find((build) => build.status === 'failed')).toMatchObject({
    reason: expect.stringContaining('false'),
    log: expect.stringMatching(/^sha256:/),
  })
  expect((await estate.sprint('1.0.0')).waits.find((wait) => wait.kind === 'build')?.detail).toContain('could not be built')
  const fixed = await estate.change('release-1.0.0', 'website/Dockerfile', dockerfile)
  await estate.runs('alpha', `release-1.0.0.${short(fixed)}`, 60_000)
})

test('hostile names reach no shell, no path and no image tag', { timeout: 120_000 }, async () => {
  const bare = (...args: string[]) => execa('git', ['--git-dir', estate.sample.remote, ...args])
  const { stdout: revision } = await bare('rev-parse', 'refs/heads/develop')
  const names = ['release-$(touch${IFS}owned)', 'release-`id`', 'release-a;reboot', 'release-\u200B1', "release-'x'", 'release-a|b']
  for (const name of names) await bare('update-ref', `refs/heads/${name}`, revision)
  await bare('update-ref', 'refs/tags/v9.9.9;id', revision)
  await estate.hint()
  const state = await until(
    () => estate.repository(),
    ({ unserved }) => unserved.length > 0,
    30_000,
  )
  expect(state.unserved.length).toBe(names.length + 1)
  expect(state.refs.filter(({ ref }) => /[^A-Za-z0-9._/-]/.test(ref))).toEqual([])
  const { stdout: found } = await execa('find', [
    estate.env.folder,
    process.cwd(),
    '-maxdepth',
    '6',
    '-name',
    'owned',
    '-not',
    '-path',
    '*/node_modules/*',
  ])
  expect(found).toBe('')
})

test('a placed script: its own plan before the approval, and TAG on the approved digests', { timeout: 240_000 }, async () => {
  const { address } = estate.env.registry
  const registry = createRegistry({ address, plainHttp: true }, { environment: {}, readFile: async () => '' })
  const script = await placeScript()
  await withEstate(({ projects: { rough } }) => {
    const target = { script: { host: 'lab', command: script.command, answers: ['plan'] } }
    Object.assign(rough.environments, { placed: { from: 'develop', deploy: 'approval', driftSeconds: 0, target } })
  })
  const tag = `develop.${short(await estate.change('develop', 'NOTES.md', 'placed'))}`
  await until(
    () => estate.environment('placed').catch(() => null),
    (seen) => seen?.state.waiting.some(({ request, stage }) => request.tag === tag && stage.kind === 'awaitingApproval') === true,
    90_000,
  )
  expect(await estate.slipway('approve', 'placed')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`would put ${tag}`) })
  await estate.runs('placed', tag, 60_000)
  const { images } = (await estate.environment('placed')).state.current!.snapshot.candidate
  const named = images.map(({ repository }) => registry.resolve(repository, tag, AbortSignal.timeout(10_000)))
  expect(await Promise.all(named)).toEqual(images.map(({ digest }) => digest))
  expect((await script.calls()).filter((call) => !call.startsWith('plan '))).toEqual([` ${tag}`])
  await script.remove()
})

/** A script on the lab's host that writes down how it is called. */
async function placeScript() {
  const { home, user } = estate.env.ssh
  const folder = join(home, 'rough-placed')
  const at = (name: string) => join(folder, name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(
    at('website_cd.sh'),
    `#!/bin/sh
cd ${folder}
echo "$1 $TAG" >>calls
[ "$1" != plan ] || echo "would put $TAG"
`,
  )
  await chmod(at('website_cd.sh'), 0o755)
  await execa('chown', [user, folder])
  return {
    command: at('website_cd.sh'),
    calls: async () => (await readFile(at('calls'), 'utf8')).trimEnd().split('\n'),
    remove: async () => {
      for (const each of [folder, join(home, '.slipway', 'rough.placed')]) await rm(each, { recursive: true, force: true })
    },
  }
}

test('planted secrets are in no history, search attribute, log, image, process list or evidence', { timeout: 180_000 }, async () => {
  const folder = join(estate.sample.folder, '..')
  const keys = { deploy: join(folder, 'canary_ed25519'), evidence: join(folder, 'evidence_ed25519') }
  await copyFile(estate.env.ssh.keyFile, keys.deploy)
  await chmod(keys.deploy, 0o600)
  await execa('ssh-keygen', ['-q', '-p', '-P', '', '-N', `passphrase-${CANARY}`, '-f', keys.deploy])
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keys.evidence])
  // Wherever the estate takes a secret: for the registry, an ssh key, and what compose is given, which the container must see.
  await withEstate((value) => {
    value.registry.credentials = { username: { env: 'CANARY_USER' }, password: { env: 'CANARY_SECRET' } }
    value.hosts.lab.login = { keyFile: keys.deploy, passphrase: { env: 'CANARY_PASSPHRASE' } }
    value.evidence = { key: keys.evidence }
    value.projects.rough.environments.integration.target.compose.environment['GREETING'] = { env: 'CANARY_SECRET' }
  })
  // Open already, where the tests before this one ran.
  await until(
    () => estate.start('1.0.0').catch(() => null),
    (answer) => answer !== null,
    30_000,
  )
  const cmdlines: string[] = []
  // A pre-build and a hook that tell all they see.
  const file = await readFile(join(estate.sample.folder, 'slipway.yaml'), 'utf8')
  const slipwayFile = parse(file) as SlipwayText
  slipwayFile.services.website.prebuild = { run: 'env; cat /proc/self/environ | tr "\\0" "\\n"', inputs: ['slipway.yaml'] }
  slipwayFile.environments.integration.hooks = { before: [{ name: 'tell', command: ['env'] }] }
  await estate.change('develop', 'slipway.yaml', stringify(slipwayFile))
  const pushed = await estate.change('develop', 'website/VERSION', '1.0.2\n')
  await until(
    async () => {
      cmdlines.push(...(await processTexts()))
      return estate.environment('integration')
    },
    ({ state }) => state.current?.tag === `develop.${short(pushed)}`,
    90_000,
  )
  expect(await estate.served('integration', '/')).toContain(CANARY)
  expect(cmdlines.length).toBeGreaterThan(100)
  expect(cmdlines.filter((line) => line.includes(CANARY))).toEqual([])
  expect(await estate.worker.log()).not.toContain(CANARY)
  expect(historyText(await estate.handle.repository.fetchHistory())).toContain(pushed)
  for await (const { workflowId, runId, searchAttributes } of estate.client.workflow.list()) {
    expect(JSON.stringify(searchAttributes), workflowId).not.toContain(CANARY)
    const history = await estate.client.workflow.getHandle(workflowId, runId).fetchHistory()
    const text = historyText(history)
    expect(text.includes(CANARY), workflowId).toBe(false)
  }
  const bundle = join(folder, 'evidence.tar')
  expect(await estate.slipway('evidence', '1.0.0', '--out', bundle)).toMatchObject({ exitCode: 0 })
  expect(await estate.slipway('verify-evidence', bundle)).toMatchObject({ exitCode: 0 })
  const members = readTar(await readFile(bundle))
  expect(members.ok && members.value.length).toBeGreaterThan(5)
  for (const { path, bytes } of members.ok ? members.value : [])
    expect(everyText(bytes.toString('latin1')).includes(CANARY), path).toBe(false)
  const { stdout } = await execa(
    'grep',
    ['--recursive', '--files-with-matches', '--text', CANARY, estate.env.folder, join(estate.env.ssh.home, 'rough')],
    { reject: false },
  )
  expect(stdout.split('\n').filter((each) => each !== '' && !each.includes('/engine/'))).toEqual([])
})

async function processTexts(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
}
