import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { requestHash, snapshotHash } from '../../config/made-of.ts'
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

/** Two keys and the file that allows them: the worker's for bundles, alice's for her word. */
export async function makeKeys() {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-evidence-test-'))
  const key = async (name: string) => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
    const [type = '', blob = ''] = (await readFile(join(folder, `${name}.pub`), 'utf8')).split(' ')
    const { stdout } = await execa('ssh-keygen', ['-lf', join(folder, name)])
    return { file: join(folder, name), line: `${type} ${blob}`, fingerprint: stdout.split(' ')[1] ?? '' }
  }
  const [worker, alice] = await Promise.all([key('worker'), key('alice')])
  const signers = join(folder, 'allowed_signers')
  await writeFile(signers, `worker namespaces="${EVIDENCE_NAMESPACE}" ${worker.line}\nalice valid-before="20261231" ${alice.line}\n`)
  const sign = async (who: { file: string }, namespace: string, bytes: Buffer | string) => {
    const { stdout } = await execa('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', who.file], { input: bytes })
    return `${stdout}\n`
  }
  return {
    folder,
    worker,
    alice,
    signers: { file: signers, path: process.env['PATH'] ?? '' },
    sign,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

type Changes = {
  /** Whose key signs alice's statement. */
  readonly signedBy?: 'alice' | 'worker'
  readonly statementAt?: number
  readonly approvedHash?: string
  readonly subject?: string
  readonly unsigned?: true
  readonly message?: Record<string, unknown>
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
  const statement = JSON.stringify({
    action: 'approve',
    at: changes.statementAt ?? AT,
    expires: AT + 60_000,
    format: 'slipway/1',
    message: { request: 'v1.0.0', hash, ...changes.message },
    nonce: 'n',
    place: 'environment/prod',
    project: 'website',
    who: 'alice',
  })
  const signature = await keys.sign(keys[changes.signedBy ?? 'alice'], 'slipway', statement)
  const signed = Buffer.from(JSON.stringify({ statement, signature }))
  const by = { kind: 'person', name: 'alice', verified: true, key: keys.alice.fingerprint, statement: `sha256:${sha256(signed)}` }
  const approval = { request: 'v1.0.0', hash, by, at: AT, reason: null }
  const deployment = {
    epoch: 4,
    request: 'v1.0.0',
    tag: 'v1.0.0',
    snapshot,
    since: AT,
    approval,
    signOff: null,
    observed: ['2 of 2 ready'],
  }
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
    member('environments/prod.json', JSON.stringify({ name: 'prod', deployments: [deployment] })),
    { path: `contents/${sha256(CONTENT)}`, bytes: CONTENT },
    { path: `statements/${sha256(signed)}.json`, bytes: signed },
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
