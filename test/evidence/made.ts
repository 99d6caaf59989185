import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { requestHash, snapshotHash } from '../../config/made-of.ts'
import type { Actor } from '../../domain/actor.ts'
import { canonicalJson } from '../../domain/canonical-json.ts'
import type { Deployed } from '../../domain/environment/state.ts'
import { envelopeOf, IN_TOTO, signedBytes } from '../../evidence/dsse.ts'
import { EVIDENCE_NAMESPACE, type Head } from '../../evidence/format.ts'
import { formatManifest, MANIFEST, MANIFEST_SIGNATURE, sha256 } from '../../evidence/manifest.ts'
import type { Member } from '../../evidence/member.ts'
import { packTar } from '../../evidence/tar.ts'

/** A small bundle as an export writes it, with real keys, for one approved deployment. */

export const AT = Date.parse('2026-06-01T12:00:00Z')
export const IMAGE = `sha256:${'1'.repeat(64)}`
const CONTENT = Buffer.from('kind: Deployment\n')

export type Keys = Awaited<ReturnType<typeof makeKeys>>

/** Keys and the file that allows them: the worker's for bundles, alice's and bob's for their words. */
export async function makeKeys() {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-evidence-test-'))
  const key = async (name: string) => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
    const [type = '', blob = ''] = (await readFile(join(folder, `${name}.pub`), 'utf8')).split(' ')
    const { stdout } = await execa('ssh-keygen', ['-lf', join(folder, name)])
    return { file: join(folder, name), line: `${type} ${blob}`, fingerprint: stdout.split(' ')[1] ?? '' }
  }
  const [worker, alice, bob] = await Promise.all([key('worker'), key('alice'), key('bob')])
  const signers = join(folder, 'allowed_signers')
  const lines = [
    `worker namespaces="${EVIDENCE_NAMESPACE}" ${worker.line}`,
    `alice valid-before="20261231" ${alice.line}`,
    `bob ${bob.line}`,
  ]
  await writeFile(signers, `${lines.join('\n')}\n`)
  const signatures = new Map<string, Promise<string>>()
  /** These keys sign the same bytes alike: once is enough. */
  const sign = (who: { file: string }, namespace: string, bytes: Buffer | string): Promise<string> => {
    const what = [who.file, namespace, sha256(bytes)].join(' ')
    const args = ['-q', '-Y', 'sign', '-n', namespace, '-f', who.file]
    const signed = signatures.get(what) ?? execa('ssh-keygen', args, { input: bytes }).then(({ stdout }) => `${stdout}\n`)
    signatures.set(what, signed)
    return signed
  }
  return {
    folder,
    worker,
    alice,
    bob,
    signers: { file: signers, path: process.env['PATH'] ?? '' },
    sign,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

type Changes = {
  /** The record of prod, as somebody with the operator's key would have it. */
  readonly prod?: (record: Prod) => object
  readonly sprint?: object
  readonly more?: readonly Member[]
  /** Whose key signs alice's statement. */
  readonly signedBy?: 'alice' | 'worker'
  readonly statementAt?: number
  readonly approvedHash?: string
  readonly subject?: string
  readonly unsigned?: true
  readonly message?: Record<string, unknown>
}

const SETTINGS = {
  from: 'tag',
  guarded: true,
  approvers: ['alice', 'bob'],
  approval: { count: 1, required: [] as readonly string[], verified: true },
}

export type Prod = {
  readonly project: string
  readonly name: string
  readonly settings: typeof SETTINGS
  readonly waiting: readonly object[]
  readonly unconfirmed: readonly object[]
  readonly deployments: readonly (Deployed & { readonly observed: readonly string[] })[]
}

type Word = {
  readonly action?: string
  readonly place?: string
  readonly project?: string
  readonly message: object
  readonly who?: 'alice' | 'bob'
  readonly at?: number
  readonly expires?: number
  /** Whose key signs it. */
  readonly signedBy?: 'alice' | 'bob' | 'worker'
}

/** What somebody signs: the member that keeps it, and how a record names who said it. */
export async function say(keys: Keys, { action = 'approve', place = 'environment/prod', project = 'website', message, ...word }: Word) {
  const { who = 'alice', at = AT, expires = at + 60_000, signedBy = who } = word
  // The same word is the same bytes, so that it is signed once.
  const nonce = sha256(canonicalJson([project, place, action, message, who, at, expires])).slice(0, 24)
  const statement = canonicalJson({ format: 'slipway/1', project, place, action, message, who, nonce, at, expires })
  const bytes = Buffer.from(canonicalJson({ statement, signature: await keys.sign(keys[signedBy], 'slipway', statement) }))
  const digest = sha256(bytes)
  return {
    by: { kind: 'person', name: who, verified: true, key: keys[who].fingerprint, statement: `sha256:${digest}` } satisfies Actor,
    member: { path: `statements/${digest}.json`, bytes },
  }
}

export async function makeBundle(keys: Keys, changes: Changes = {}): Promise<Buffer> {
  return seal(keys, await makeMembers(keys, changes), changes.unsigned === true)
}

export async function seal(keys: Pick<Keys, 'worker' | 'sign'>, members: readonly Member[], unsigned = false): Promise<Buffer> {
  const manifest = formatManifest(members)
  const signature = unsigned ? [] : [member(MANIFEST_SIGNATURE, await keys.sign(keys.worker, EVIDENCE_NAMESPACE, manifest))]
  return packTar([member(MANIFEST, manifest), ...signature, ...members])
}

export async function makeMembers(keys: Keys, changes: Changes = {}): Promise<Member[]> {
  const made = {
    candidate: {
      revision: 'a'.repeat(40),
      images: [{ service: 'website', repository: 'eap/website', digest: IMAGE, inputs: '2'.repeat(64), reused: false }],
      configHash: 'c'.repeat(64),
    },
    tag: 'v1.0.0',
    target: 'kustomize' as const,
    content: `sha256:${sha256(CONTENT)}`,
    configHash: 'c'.repeat(64),
    estateHash: 'e'.repeat(64),
  }
  const snapshot = { hash: snapshotHash(made), ...made }
  const hash = changes.approvedHash ?? requestHash({ request: 'v1.0.0', snapshotHash: snapshot.hash, replacesEpoch: 3 })
  const said = await say(keys, {
    message: { request: 'v1.0.0', hash, ...changes.message },
    ...(changes.statementAt === undefined ? {} : { at: changes.statementAt }),
    ...(changes.signedBy === undefined ? {} : { signedBy: changes.signedBy }),
  })
  const approval = { request: 'v1.0.0', hash, by: said.by, at: AT, reason: null }
  const deployment = {
    epoch: 4,
    request: 'v1.0.0',
    version: '1.0.0',
    tag: 'v1.0.0',
    askedAt: AT - 1000,
    snapshot,
    since: AT + 30_000,
    approval,
    signOff: null,
    observed: ['2 of 2 ready'],
  }
  const prod: Prod = { project: 'website', name: 'prod', settings: SETTINGS, waiting: [], unconfirmed: [], deployments: [deployment] }
  const head: Head = {
    format: 'slipway-evidence/1',
    project: 'website',
    version: '1.0.0',
    phase: 'finished',
    exportedAt: AT + 60_000,
    signer: changes.unsigned === true ? null : keys.worker.fingerprint,
    previous: null,
    missing: [],
  }
  return [
    member('evidence.json', JSON.stringify(head)),
    member('environments/prod.json', JSON.stringify(changes.prod?.(prod) ?? prod)),
    member('sprint.json', JSON.stringify({ state: { project: 'website', version: '1.0.0', ...changes.sprint } })),
    { path: `contents/${sha256(CONTENT)}`, bytes: CONTENT },
    said.member,
    ...(changes.more ?? []),
    member('attestations/website.json', await attestation(keys, changes)),
  ]
}

async function attestation(keys: Keys, changes: Changes): Promise<string> {
  const digest = { sha256: (changes.subject ?? IMAGE).slice('sha256:'.length) }
  const subject = [{ name: 'registry.example/eap/website', digest }]
  const payload = Buffer.from(
    JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'https://slsa.dev/provenance/v1', predicate: {} }),
  )
  const armored = await keys.sign(keys.worker, EVIDENCE_NAMESPACE, signedBytes(IN_TOTO, payload))
  return JSON.stringify(envelopeOf(payload, changes.unsigned === true ? [] : [{ keyid: keys.worker.fingerprint, armored }]))
}

export function member(path: string, text: string): Member {
  return { path, bytes: Buffer.from(text) }
}
