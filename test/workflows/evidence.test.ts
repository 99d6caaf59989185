import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEvidenceActivities } from '../../activities/evidence/activities.ts'
import { createIdentityActivities } from '../../activities/identity/activities.ts'
import { createFolderStore } from '../../activities/store/folder.ts'
import { transient } from '../../activities/failure.ts'
import { run } from '../../client/run.ts'
import { environmentEvidence } from '../../evidence/format.ts'
import { readTar } from '../../evidence/tar.ts'
import { verifyEvidence } from '../../evidence/verify.ts'
import { createRecords } from '../../worker/records.ts'
import { makeKeys, type Keys } from '../evidence/made.ts'
import { rev, until, World } from '../fakes/world.ts'
import { openStage, type Stage } from './harness.ts'
import { confirm, throughAlpha } from './release.ts'

/** A sprint on a real Temporal, its evidence by the real activity, and the command line that fetches and checks it. */

const signal = new AbortController().signal
const world = new World('website')
const store = () => createFolderStore(join(keys.folder, 'store'))
let stage: Stage
let keys: Keys
let away = false

beforeAll(async () => {
  world.push('develop', 'A')
  world.push('master', 'A')
  ;[stage, keys] = await Promise.all([openStage(world), makeKeys()])
  world.evidence = createEvidenceActivities({
    estate: {
      hash: '',
      file: {
        registry: { address: 'registry.example' },
        evidence: { key: keys.worker.file },
        projects: { website: { repository: { url: 'https://git.example/website.git' }, buildArgs: {}, environments: {} } },
      } as never,
    },
    stateFolder: keys.folder,
    environment: process.env,
    attempt: () => ({ signal, heartbeat: () => undefined }),
    store: store(),
    mirrors: () => ({ ensure: () => Promise.reject(new Error('the remote is away')) }) as never,
    records: createRecords(stage.client),
    version: '0.0.0',
  })
  const identity = createIdentityActivities({
    estate: { hash: '', file: { signers: keys.signers.file } as never },
    stateFolder: keys.folder,
    environment: process.env,
    attempt: () => ({ signal, heartbeat: () => undefined }),
    store: { ...store(), put: (...args) => (away ? Promise.reject(new Error('the store is away')) : store().put(...args)) },
  })
  world.verifier = (input) => identity.identify(input)
  await stage.begin()
})
afterAll(async () => {
  await stage.close()
  await keys.close()
})

async function slipway(...argv: string[]) {
  let [out, err] = ['', '']
  const io = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    env: { TEMPORAL_ADDRESS: stage.address, SLIPWAY_USER: 'anne', PATH: process.env['PATH'] },
    cwd: keys.folder,
    now: () => Date.now(),
    onInterrupt: () => () => undefined,
  }
  const code = await run(['--project', 'website', ...argv], io)
  return { code, out, err }
}

test('a sprint that ends leaves signed evidence, which outlives the sprint and is checked offline', { timeout: 120_000 }, async () => {
  await store().put(Buffer.from(`${rev('A')} `), 'application/octet-stream', signal)
  await stage.start('1.0.0')
  await stage.hint()
  await stage.runs('integration', `develop.${rev('A').slice(0, 8)}`)
  await stage.say('1.0.0', { kind: 'cut', without: [] })
  await throughAlpha(stage, world, '1.0.0')
  await stage.say('1.0.0', { kind: 'tag', revision: null })
  await stage.vote('prod')
  // Signed by her key, and verified as a worker does it.
  const alice = ['--as', 'alice', '--key', keys.alice.file]
  expect(await slipway(...alice, 'lock', 'prod', '--reason', 'not yet')).toMatchObject({ code: 0, err: '' })
  expect(await slipway(...alice, 'unlock', 'prod')).toMatchObject({ code: 0, err: '' })
  // The store is away for a moment: that keeps nobody from a verified word, and the history has it.
  away = true
  expect(await slipway(...alice, 'approve', 'prod')).toMatchObject({ code: 0, err: '' })
  away = false
  await stage.runs('prod', 'v1.0.0')
  await stage.phase('1.0.0', 'live')

  const early = await slipway('evidence', '1.0.0', '--out', 'early.tar')
  expect(early).toMatchObject({ code: 0, err: '' })
  expect(await store().named('evidence-website-1.0.0', signal)).toBeNull()

  await confirm(stage, '1.0.0')
  // The store is away when the sprint ends: it is tried again, and the sprint does not wait.
  let failures = 0
  world.before = (activity) => {
    if (activity === 'exportEvidence' && failures++ === 0) throw transient('the store is away')
  }
  await stage.say('1.0.0', { kind: 'finish', mergedAs: null, target: null })
  await stage.phase('1.0.0', 'finished')
  const digest = await until(
    () => store().named('evidence-website-1.0.0', signal),
    (name) => name !== null,
    60_000,
  )
  expect(failures).toBe(2)

  const fetched = await slipway('evidence', '1.0.0')
  expect(fetched).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`${digest}`) })
  const tar = await readFile(join(keys.folder, 'website-1.0.0.evidence.tar'))
  const checked = await verifyEvidence(tar, keys.signers)
  expect(checked.problems).toEqual([])
  expect(checked).toMatchObject({ ok: true, signedBy: 'worker', head: { phase: 'finished', version: '1.0.0' } })
  const word = { who: 'alice', principal: 'alice', place: 'environment/prod' }
  expect(checked.words).toHaveLength(3)
  expect(checked.words).toEqual(
    expect.arrayContaining(['lock', 'unlock', 'approve'].map((action) => expect.objectContaining({ ...word, action }))),
  )
  expect(checked.notes.join('\n')).not.toContain('is not verified')
  expect(checked.notes.join('\n')).toContain('slipway.yaml')

  const members = readTar(tar)
  const paths = members.ok ? members.value.map(({ path }) => path) : []
  for (const workflow of ['sprint/1.0.0', 'merge-back/v1.0.0', 'env/prod', 'env/prod/1', `build/${rev('A')}`]) {
    expect(
      paths.some((path) => path.startsWith(`histories/slipway/website/${workflow}/`)),
      workflow,
    ).toBe(true)
  }
  const prod = members.ok ? members.value.find(({ path }) => path === 'environments/prod.json') : undefined
  const [deployed] = environmentEvidence.parse(JSON.parse(prod?.bytes.toString() ?? '')).deployments
  expect(deployed).toMatchObject({ tag: 'v1.0.0', observed: ['2 of 2 replicas are ready'], signOff: { verdict: 'pass' } })
})

test('the command line says what holds, and names what was changed', async () => {
  const { out } = await slipway('verify-evidence', 'website-1.0.0.evidence.tar', '--signers', 'allowed_signers', '--json')
  expect(JSON.parse(out)).toMatchObject({ ok: true, project: 'website', signedBy: 'worker', problems: [] })
  const tar = await readFile(join(keys.folder, 'website-1.0.0.evidence.tar'))
  const at = tar.indexOf('2 of 2 replicas are ready')
  tar.write('3', at, 'latin1')
  await writeFile(join(keys.folder, 'changed.tar'), tar)
  const changed = await slipway('verify-evidence', 'changed.tar', '--signers', 'allowed_signers')
  expect(changed).toMatchObject({ code: 1, out: expect.stringContaining('"environments/') })
  expect(await slipway('verify-evidence', 'nowhere.tar')).toMatchObject({ code: 4 })
})

test('of a version that Temporal has forgotten there is what was kept; of one that nobody knows, nothing', async () => {
  await rm(join(keys.folder, 'early.tar'))
  const input = { project: 'website', version: '1.0.0', anew: true }
  const forgotten = { ...createRecords(stage.client), sprint: async () => null }
  const activities = createEvidenceActivities({
    attempt: () => ({ signal, heartbeat: () => undefined }),
    store: store(),
    records: forgotten,
  } as never)
  expect(await activities.exportEvidence(input)).toMatchObject({ kept: true, content: { digest: expect.stringMatching(/^sha256:/) } })
  expect(await slipway('evidence', '9.9.9')).toMatchObject({ code: 1, err: expect.stringContaining('knows no sprint 9.9.9') })
})
