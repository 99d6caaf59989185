import { readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Context, ApplicationFailure } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { ensureEnvironment, ensureRepository } from '../../worker/entities.ts'
const F = '/tmp/cli/remote.json'
const read = () => JSON.parse(readFileSync(F, 'utf8'))
const sha = (t: string, n = 64) => createHash('sha256').update(t).digest('hex').slice(0, n)
const settings = { project: 'website', branches: { develop: 'develop', master: 'master', releasePrefix: 'release-' }, sweepSeconds: 60, hash: 'h',
  environments: [ { name: 'integration', from: 'develop', guarded: false, approvers: [], target: 'compose' }, { name: 'alpha', from: 'release', guarded: false, approvers: [], target: 'kustomize' }, { name: 'prod', from: 'tag', guarded: true, approvers: ['alice', 'bob'], target: 'kustomize' } ] }
const address = process.env['TEMPORAL_ADDRESS']!
const connection = await NativeConnection.connect({ address })
const client = new Client({ connection: await Connection.connect({ address }) })
const beats = async (name: string, lines: number) => { for (let i = 1; i <= lines; i++) { Context.current().heartbeat({ line: `${name} line ${i} \u001b[31mred\u001b[0m`, service: name }); await sleep(700) } }
const activities: any = {
  look: async ({ cursor, features }: any) => { const s = read(); if (s.outage) throw new Error(s.outage); const before = cursor === null ? {} : JSON.parse(cursor); const changes = [...new Set([...Object.keys(before), ...Object.keys(s.refs)])].filter((r) => before[r] !== s.refs[r]).map((ref) => ({ ref, from: before[ref] ?? null, to: s.refs[ref] ?? null, rewritten: false })); return { cursor: JSON.stringify(s.refs), first: cursor === null, changes, more: false, unserved: { count: 0, names: [] }, develop: s.refs['refs/heads/develop'], features: features.map((branch: string) => ({ branch, revision: null, merged: s.merged.includes(branch) ? 'merge' : null })), settings } },
  readRefs: async ({ refs }: any) => ({ refs: refs.map((ref: string) => ({ ref, revision: read().refs[ref] ?? null })) }),
  createBranch: async ({ name, revision }: any) => { const s = read(); s.refs[`refs/heads/${name}`] = revision; writeFileSync(F, JSON.stringify(s)); return { ref: `refs/heads/${name}`, revision, created: true } },
  createTag: async ({ name, revision }: any) => { const s = read(); s.refs[`refs/tags/${name}`] = revision; writeFileSync(F, JSON.stringify(s)); return { ref: `refs/tags/${name}`, revision, created: true } },
  listUnlistedMerges: async ({ develop }: any) => ({ merges: [{ revision: develop, subject: 'Merge \u001b]0;x\u0007evil' }] }),
  compareRevisions: async () => ({ relation: 'ahead', ahead: 1 }),
  readSettings: async () => settings,
  planBuild: async ({ revision }: any) => ({ revision, configHash: 'c', services: ['api', 'website'].map((service) => ({ service, repository: `eap/${service}`, inputs: sha(service + revision), known: service === 'api' ? `sha256:${sha('api')}` : null })) }),
  buildImage: async ({ service, revision, inputs }: any) => { await beats(service, 5); if (read().fail?.includes(revision)) throw ApplicationFailure.create({ nonRetryable: true, type: 'BuildFailed', message: 'the build failed: step 3: exit 1', details: [{ log: { digest: `sha256:${sha('log')}`, bytes: 10 } }] }); return { service, repository: `eap/${service}`, inputs, digest: `sha256:${sha(service + revision)}`, reused: false, log: { digest: `sha256:${sha('log')}`, bytes: 10 }, seconds: 3.5 } },
  nameImages: async () => ({ named: 2 }),
  prepare: async ({ requestId, candidate, tag, replaces, environment }: any) => ({ snapshot: { hash: sha(tag + environment), candidate, tag, target: 'kustomize', content: `sha256:${sha('x')}`, configHash: 'c', estateHash: 'e' }, requestHash: sha(requestId + JSON.stringify(replaces)), relation: null, settings: settings.environments.find((e) => e.name === environment) }),
  apply: async ({ snapshot, environment }: any) => { await beats('apply', 3); const s = read(); if (s.applyFails?.includes(environment)) throw new Error('connect ECONNREFUSED 10.0.0.1:6443'); return { changes: ['deployment/website configured'], log: null } },
  verify: async ({ environment }: any) => { await beats('verify', 3); if (read().broken?.includes(environment)) throw ApplicationFailure.create({ nonRetryable: true, type: 'RolloutFailed', message: 'website: ImagePullBackOff', details: [{ observed: ['pod website-1: Back-off pulling image', 'last line'] }] }); return { observed: ['2 of 2 ready'] } },
  ensureEnvironments: async () => { await Promise.all(settings.environments.map((e) => ensureEnvironment(client, 'website', e.name))) },
  checkRepository: async () => [{ part: 'remote file:///x', ok: true, detail: '3 branches', fix: null }],
  checkBuild: async () => [{ part: 'engine', ok: false, detail: 'nobody answers at unix:///var/run/docker.sock', fix: 'start the Docker engine' }],
  checkEnvironment: async ({ environment }: any) => [{ part: environment, ok: true, detail: 'answers', fix: null }],
  readLog: async ({ offset }: any) => offset === 0 ? { text: 'Step 1/9 : FROM scratch\r\n\u001b[32mok\u001b[0m\n', totalBytes: 60, nextOffset: 30 } : { text: 'Step 2/9: evil \u202e\u0007', totalBytes: 60, nextOffset: null },
  cleanRepository: async () => [{ what: 'worktrees', removed: 2, bytes: 123456 }],
  cleanBuild: async () => [{ what: 'builder images', removed: 0, bytes: 0 }],
}
const queues = ['slipway', 'slipway-build', 'slipway-deploy-integration', 'slipway-deploy-alpha', 'slipway-deploy-prod']
const workers = await Promise.all(queues.map((taskQueue) => Worker.create({ connection, taskQueue, activities, maxHeartbeatThrottleInterval: '500ms', defaultHeartbeatThrottleInterval: '500ms', ...(taskQueue === 'slipway' ? { workflowsPath: new URL('../../workflows/index.ts', import.meta.url).pathname } : {}) })))
await ensureRepository(client, 'website')
console.log('ready')
process.on('SIGTERM', () => workers.forEach((w) => w.shutdown()))
await Promise.all(workers.map((w) => w.run()))
process.exit(0)
