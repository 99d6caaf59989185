import { chmod, copyFile, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { createRegistry } from '../../activities/registry/client.ts'
import { quoted } from '../../domain/parsed.ts'
import { readTar } from '../../evidence/tar.ts'
import { composeProjectOf } from '../../lab/sample.ts'
import { everyText, historyText } from '../fakes/every-text.ts'
import { until } from '../fakes/world.ts'
import { openEstate, type Estate } from './estate.ts'

const CANARY = 'canary-5f1d0c9e7b3a'
/** What lies outside of the repository, and is in no image and in no answer. */
const OUTSIDE = 'nobody-reads-7c2e51'
const LONG = { timeout: 240_000 }

let estate: Estate
let good: string
const short = (revision: string) => revision.slice(0, 8)

beforeAll(async () => {
  estate = await openEstate('rough', 44, {
    CANARY_SECRET: CANARY,
    CANARY_USER: `user-${CANARY}`,
    CANARY_PASSPHRASE: `passphrase-${CANARY}`,
    CANARY_WEBHOOK: `whsec_${Buffer.from(`webhook-${CANARY}-of-32-bytes`).toString('base64')}`,
    CANARY_URL: `http://127.0.0.1:9/${CANARY}`,
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
  projects: {
    rough: { notifications?: object; environments: { integration: { target: { compose: { environment: Record<string, unknown> } } } } }
  }
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

/** A file of the repository: its text, what it links to, or so many bytes of nothing. */
type Planted = string | { readonly link: string } | { readonly bytes: number }
type Attack = { readonly files: Record<string, Planted>; readonly said: RegExp }

const OVERLAY = 'deploy/overlays/alpha/kustomization.yaml'

test('a hostile repository: each push is refused with its reason, nothing is changed, and the next good one is served', LONG, async () => {
  const outside = join(estate.sample.folder, '..', 'outside')
  await mkdir(outside, { recursive: true })
  await writeFile(join(outside, 'kept.yaml'), `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${OUTSIDE} }\n`)
  await estate.git('fetch', '--quiet', 'origin')
  const before = await whatRuns()
  const pid = estate.worker.pid()
  const read = (file: string) => readFile(join(estate.sample.folder, file), 'utf8')

  const develop = await openAttacker('develop')
  const compose = await read('docker-compose.yml')
  const onHost = (asks: string) => ({ 'docker-compose.yml': compose.replace(/^( *)environment:/m, `$1${asks}\n$1environment:`) })
  const onDevelop: Attack[] = [
    { files: onHost('volumes: ["/:/host"]'), said: /asks for the host: website names \/;/ },
    { files: onHost('privileged: true'), said: /asks for the host: website asks for privileged;/ },
  ]
  const release = await openAttacker('release-1.0.0')
  const overlay = await read(OVERLAY)
  const adds = (resource: string) => ({ [OVERLAY]: overlay.replace('resources:', `resources:\n  - ${resource}`) })
  const onRelease: Attack[] = [
    { files: adds('https://example.com/base?ref=v1'), said: /nothing is fetched/ },
    { files: adds('../../../..'), said: /lies outside the repository/ },
    { files: { ...adds('linked.yaml'), 'deploy/overlays/alpha/linked.yaml': { link: join(outside, 'kept.yaml') } }, said: /lies outside/ },
    { files: { ...adds('bomb.yaml'), 'deploy/overlays/alpha/bomb.yaml': bomb() }, said: /aliases that expand/ },
    { files: { ...adds('big.yaml'), 'deploy/overlays/alpha/big.yaml': { bytes: 200 << 20 } }, said: /big\.yaml is over 5 MB/ },
  ]
  for (const [index, attack] of onRelease.entries()) {
    const there = [{ environment: 'alpha', tag: await release.push(attack.files), ...attack }]
    const also = onDevelop[index]
    if (also !== undefined) there.push({ environment: 'integration', tag: await develop.push(also.files), ...also })
    for (const { environment, tag, said } of there) {
      const { state } = await until(
        () => estate.environment(environment),
        ({ state: now }) => now.parked?.request.tag === tag,
        60_000,
      )
      expect(state.parked).toMatchObject({ target: 'intact', reason: expect.stringMatching(said) })
      expect(state.broken).toBe(false)
    }
  }
  // A folder to build from that is a link to the outside.
  const slipwayFile = (await read('slipway.yaml')).replace('context: website', 'context: away')
  const linked = await develop.push({ 'slipway.yaml': slipwayFile, away: { link: outside } })
  const { builds } = await until(
    () => estate.repository(),
    (state) => state.builds.some(({ revision, status }) => linked.endsWith(short(revision)) && status === 'failed'),
    60_000,
  )
  expect(builds.find(({ revision }) => linked.endsWith(short(revision)))).toMatchObject({
    reason: expect.stringContaining('which is not in the repository at that revision'),
  })
  expect(await whatRuns()).toEqual(before)
  expect(estate.worker.pid()).toBe(pid)

  // A link in what is built stays a link: nothing from outside is in the image.
  const good = {
    integration: await develop.push({ 'website/www/kept': { link: join(outside, 'kept.yaml') }, 'website/VERSION': '1.0.9\n' }),
    alpha: await release.push({ 'website/VERSION': '1.0.9\n' }),
  }
  for (const [environment, tag] of Object.entries(good)) await estate.runs(environment, tag, 90_000)
  await until(
    () => estate.served('integration').catch(String),
    (text) => text.includes('1.0.9'),
    10_000,
  )
  const name = `${composeProjectOf(estate.env, 'rough')}_website_1`
  expect(await estate.docker('exec', name, 'readlink', '/app/www/kept')).toContain('/outside/kept.yaml')
  expect(await estate.served('integration', '/kept')).not.toContain(OUTSIDE)
  expect((await estate.docker('exec', name, 'sh', '-c', `grep -rl ${OUTSIDE} /app || echo nowhere`)).trim()).toBe('nowhere')
})

test('hostile names reach no shell, no path and no image tag', { timeout: 120_000 }, async () => {
  const bare = (...args: string[]) => execa('git', ['--git-dir', estate.sample.remote, ...args])
  const { stdout: revision } = await bare('rev-parse', 'refs/heads/develop')
  const batches = [
    ['release-$(touch${IFS}owned)', 'release-`id`', 'release-a;reboot', 'release-\u200B1', "release-'x'", 'release-a|b', 'release-"b"'],
    ['release-&a', 'release-!!x', 'release-{a,b}', 'release-#c', 'release-%2e%2e', 'release-a%2fb', `release-${'x'.repeat(225)}`],
  ]
  for (const names of batches) {
    for (const name of names) await bare('update-ref', `refs/heads/${name}`, revision)
    await bare('update-ref', `refs/tags/v9.9.9${names[0]?.slice(8)}`, revision)
    await estate.hint()
    const state = await until(
      () => estate.repository(),
      ({ unserved }) => names.every((name) => unserved.includes(quoted(name))),
      30_000,
    )
    expect(state.unserved.length).toBe(names.length + 1)
    expect(state.refs.filter(({ ref }) => /[^A-Za-z0-9._/-]/.test(ref) || ref.length > 200)).toEqual([])
  }
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
    // Nobody listens there: each time it fails, and says so.
    const webhook = { url: { env: 'CANARY_URL' }, secret: { env: 'CANARY_WEBHOOK' } }
    value.projects.rough.notifications = { nobody: { webhook, privateHosts: ['127.0.0.1'], events: ['built', 'live', 'parked'] } }
  })
  const began = Date.now()
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
  // And what fails tells it in no message.
  slipwayFile.environments.integration.hooks = { before: [{ name: 'tell', command: ['sh', '-c', 'env; exit 3'] }] }
  await estate.change('develop', 'slipway.yaml', stringify(slipwayFile))
  const { waits } = await until(
    () => estate.environment('integration'),
    (view) => view.state.running?.halt !== undefined,
    90_000,
  )
  expect(JSON.stringify(waits)).not.toContain(CANARY)
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
  // What grep cannot look into: layers and configurations of images, logs and renderings, as the registry has them.
  const blobs = await writtenBlobs(join(estate.env.folder, 'registry'), began)
  expect(blobs.length).toBeGreaterThan(3)
  for (const { path, text } of blobs) expect(text.includes(CANARY), path).toBe(false)
})

/** Every blob that the registry has got since, unpacked where it is packed. */
async function writtenBlobs(folder: string, sinceMs: number): Promise<{ readonly path: string; readonly text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const blobs = entries.filter((entry) => entry.isFile() && entry.name === 'data').map((entry) => join(entry.parentPath, entry.name))
  const read = async (path: string) => {
    if ((await stat(path)).mtimeMs < sinceMs) return []
    const bytes = await readFile(path)
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
    return [{ path, text: everyText((isPacked ? gunzipSync(bytes) : bytes).toString('latin1')) }]
  }
  return (await Promise.all(blobs.map(read))).flat()
}

async function processTexts(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
}

/** Pushes to a branch what somebody with bad intentions would, each time beginning from what is good. */
async function openAttacker(branch: string) {
  await estate.git('checkout', '--quiet', '-B', branch, `origin/${branch}`)
  const good = await estate.git('rev-parse', 'HEAD')
  return {
    /** @returns the image tag of what was pushed */
    push: async (files: Record<string, Planted>): Promise<string> => {
      await estate.git('checkout', '--quiet', branch)
      await estate.git('read-tree', '--reset', '-u', good)
      for (const [path, planted] of Object.entries(files)) await plant(join(estate.sample.folder, path), planted)
      await estate.git('add', '--all')
      await estate.git('commit', '--quiet', '--allow-empty', '-m', `${branch} brings ${Object.keys(files).join(' and ')}`)
      await estate.git('push', '--quiet', 'origin', branch)
      return `${branch}.${short(await estate.git('rev-parse', 'HEAD'))}`
    },
  }
}

async function plant(path: string, planted: Planted): Promise<void> {
  if (typeof planted === 'string') await writeFile(path, planted)
  else if ('bytes' in planted) await writeFile(path, Buffer.alloc(planted.bytes))
  else {
    await rm(path, { force: true })
    await symlink(planted.link, path)
  }
}

/** A ConfigMap of a few lines that would be as large as a disk. */
function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const one = level === 0 ? 'x' : `*l${level - 1}`
    return `  l${level}: &l${level} [${Array(10).fill(one).join(', ')}]`
  })
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bomb }\ndata:\n${levels.join('\n')}\n`
}

/** The containers, and the generations of the cluster's objects. */
async function whatRuns(): Promise<string[]> {
  const label = `label=com.docker.compose.project=${composeProjectOf(estate.env, 'rough')}`
  const containers = await estate.docker('ps', '--all', '--no-trunc', '--filter', label, '--format', '{{.ID}} {{.State}}')
  const path = String.raw`jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.metadata.generation}{"\n"}{end}`
  const objects = await estate.kubectl('--namespace', 'rough-alpha', 'get', 'deployments,configmaps,services', '--output', path)
  return [...containers.split('\n').toSorted(), ...objects.split('\n').filter((line) => !line.startsWith('slipway-fence'))]
}
