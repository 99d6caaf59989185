import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { inputsOfFound } from '../../../activities/deploy/found-inputs.ts'
import { takeSnapshot } from '../../../activities/deploy/take-snapshot.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import { hashOf } from '../../../config/hash.ts'
import { parseConfig } from '../../../config/read.ts'
import { ESTATE, SLIPWAY } from '../../config/texts.ts'
import { parse } from 'yaml'

const REVISION = 'a'.repeat(40)
const digest = `sha256:${'1'.repeat(64)}`
const image = { service: 'website', repository: 'eap/website', digest, inputs: 'i', reused: false }
const HOOKS = `    hooks:
      after: [{ name: warm-up, job: warm-up.yaml, timeoutSeconds: 5 }]
      before: [{ name: migrate, job: migrate.yaml }]
    irreversible: { name: drop-fax, reason: the column is gone }
`

/** The snapshot of alpha, over a target that renders what it is given. */
async function snapshotOf(text: string, { inputs = 'i', fileAt = REVISION } = {}) {
  const file = parseConfig('slipway', { text, file: 'slipway.yaml' })
  if (!file.ok) throw new Error('expected a valid file')
  const stored: string[] = []
  const deps = {
    estate: { file: estateSchema.parse(parse(ESTATE)), hash: '' },
    store: {
      put: async (bytes: Buffer) => {
        stored.push(bytes.toString())
        return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes: bytes.length }
      },
    },
    target: () => ({
      render: async () => Buffer.from('overlay'),
      renderHook: async (hook: { job: string }, _input: unknown, content: Buffer) => Buffer.from(`${hook.job} of ${content.toString()}`),
    }),
    mirrors: () => ({}),
  }
  const candidate = { revision: REVISION, images: [{ ...image, inputs }], configHash: file.hash }
  const input = { project: 'website', environment: 'alpha', candidate, tag: 'v1.0.0', file, fileAt, renderAt: REVISION }
  const { snapshot } = await takeSnapshot(deps as never, input, { signal: new AbortController().signal, heartbeat: () => {} })
  return { snapshot, stored }
}

test('without hooks a snapshot says nothing of them, and has the hash that it had before there were any', async () => {
  const { snapshot } = await snapshotOf(SLIPWAY)
  const { hash, ...made } = snapshot
  expect(Object.keys(made).toSorted()).toEqual(['candidate', 'configHash', 'content', 'estateHash', 'tag', 'target'])
  const { service, repository } = image
  expect(hash).toBe(hashOf({ ...made, candidate: { revision: REVISION, images: [{ service, repository, digest }] } }))
})

test('hooks are rendered, stored and hashed, in the order in which they are run', async () => {
  const { snapshot, stored } = await snapshotOf(`${SLIPWAY}${HOOKS}`)
  expect(stored).toEqual(['overlay', 'migrate.yaml of overlay', 'warm-up.yaml of overlay'])
  const content = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
  expect(snapshot.hooks).toEqual([
    { name: 'migrate', when: 'before', kind: 'job', content: content(stored[1]!), timeoutSeconds: 600 },
    { name: 'warm-up', when: 'after', kind: 'job', content: content(stored[2]!), timeoutSeconds: 5 },
  ])
  expect(snapshot.irreversible).toEqual({ name: 'drop-fax', reason: 'the column is gone' })
  const { hash, ...made } = (await snapshotOf(`${SLIPWAY}${HOOKS.replace('warm-up.yaml', 'other.yaml')}`)).snapshot
  expect(hash).not.toBe(snapshot.hash)
  expect(made.configHash).not.toBe(snapshot.configHash)
})

test('what was found has no hooks, and a file of another revision does not say what is irreversible', async () => {
  const found = { inputs: inputsOfFound(digest) }
  expect((await snapshotOf(`${SLIPWAY}${HOOKS}`, found)).snapshot).not.toHaveProperty('hooks')
  expect((await snapshotOf(`${SLIPWAY}${HOOKS}`, found)).snapshot).toHaveProperty('irreversible')
  expect((await snapshotOf(`${SLIPWAY}${HOOKS}`, { ...found, fileAt: 'b'.repeat(40) })).snapshot).not.toHaveProperty('irreversible')
})
