import { createHash } from 'node:crypto'
import type { RegistryEstate } from '../../config/estate-schema.ts'
import type { SecretSources } from '../../config/secrets.ts'
import { parseDigest, type Digest } from '../../domain/digest.ts'
import { transient } from '../failure.ts'
import { refusal, unwilling } from './answer.ts'
import { createAsk } from './ask.ts'
import { checkedDigest, checkedReference, checkedRepository } from './checked.ts'
import { createLogins } from './credentials.ts'
import type { Login } from './docker-config.ts'
import { listTags } from './list-tags.ts'
import { bareMediaType, MANIFEST_TYPES } from './media-types.ts'

export type Manifest = { readonly mediaType: string; readonly bytes: Buffer; readonly digest: Digest }

/**
 * A registry by the OCI distribution API. What is not there is null; a wrong login is permanent `Refused`; away, busy or
 * broken is transient. What is read is checked against its digest.
 */
export type Registry = {
  readonly address: string
  /** The digest that a tag or digest names now; null when there is none. */
  readonly resolve: (repository: string, reference: string, signal: AbortSignal) => Promise<Digest | null>
  readonly readManifest: (repository: string, reference: string, signal: AbortSignal) => Promise<Manifest | null>
  /** Byte for byte, under a tag or its digest. Returns the digest that it has. */
  readonly writeManifest: (
    repository: string,
    reference: string,
    manifest: Pick<Manifest, 'mediaType' | 'bytes'>,
    signal: AbortSignal,
  ) => Promise<Digest>
  /** All tags of a repository, a page of the registry's at a time; none when there is no such repository. */
  readonly listTags: (repository: string, signal: AbortSignal) => AsyncIterable<readonly string[]>
  /** False when it was not there. */
  readonly deleteManifest: (repository: string, digest: Digest, signal: AbortSignal) => Promise<boolean>
  readonly hasBlob: (repository: string, digest: Digest, signal: AbortSignal) => Promise<boolean>
  readonly readBlob: (repository: string, digest: Digest, signal: AbortSignal, limitBytes?: number) => Promise<Buffer | null>
  readonly writeBlob: (repository: string, bytes: Buffer, signal: AbortSignal) => Promise<Digest>
  /** Asks for nothing but an answer: it is there, and takes the login. */
  readonly check: (signal: AbortSignal) => Promise<void>
  /** The login for a registry, for the engine's own pulls and pushes; null when there is none. */
  readonly login: (address: string, signal: AbortSignal) => Promise<Login | null>
}

export type RegistryDeps = {
  /** The worker's environment and files, where secrets by reference are looked up. */
  readonly environment: SecretSources['env']
  readonly readFile: SecretSources['readFile']
  readonly now?: () => number
}

/** What a registry says to a manifest that it will not take: an immutable tag, bytes that are none. Time does not mend it. */
const UNWILLING: readonly number[] = [400, 405, 409, 412, 422]
const BLOB_DEADLINE_MS = 120_000
/** The distribution specification's advice. */
const MOST_MANIFEST_BYTES = 4 * 1024 * 1024
const MOST_BLOB_BYTES = 64 * 1024 * 1024

export function createRegistry(config: RegistryEstate, deps: RegistryDeps): Registry {
  const { address, plainHttp } = config
  // Docker Hub's name is not where its API answers.
  const base = new URL(`${plainHttp ? 'http' : 'https'}://${address === 'docker.io' ? 'registry-1.docker.io' : address}/v2/`)
  const logins = createLogins(config, { env: deps.environment, readFile: deps.readFile })
  const ask = createAsk({ address, base, plainHttp, login: async (signal) => await logins(address, signal), now: deps.now ?? Date.now })
  const at = (repository: string, path: string) => new URL(`${checkedRepository(repository)}/${path}`, base)
  const accept = { accept: MANIFEST_TYPES.join(', ') }

  const registry: Registry = {
    address,

    resolve: async (repository, reference, signal) => {
      const url = at(repository, `manifests/${checkedReference(reference)}`)
      const what = `look up ${repository}:${reference}`
      const { status, headers } = await ask({
        method: 'HEAD',
        url,
        repository,
        actions: 'pull',
        what,
        headers: accept,
        signal,
        expect: [200],
      })
      if (status === 404) return null
      const digest = headers.get('docker-content-digest')
      if (digest !== null && parseDigest(digest).ok) return digest
      return (await registry.readManifest(repository, reference, signal))?.digest ?? null
    },

    readManifest: async (repository, reference, signal) => {
      const url = at(repository, `manifests/${checkedReference(reference)}`)
      const what = `read the manifest ${repository}:${reference}`
      const limitBytes = MOST_MANIFEST_BYTES
      const { status, headers, body } = await ask({
        method: 'GET',
        url,
        repository,
        actions: 'pull',
        what,
        headers: accept,
        signal,
        limitBytes,
        expect: [200],
      })
      if (status === 404) return null
      const digest = digestOf(body)
      const promised = parseDigest(reference).ok ? reference : headers.get('docker-content-digest')
      if (promised !== null && parseDigest(promised).ok && promised !== digest)
        throw wrongBytes(address, `the manifest ${repository}:${reference}`, promised, digest)
      return { mediaType: bareMediaType(headers.get('content-type') ?? ''), bytes: body, digest }
    },

    writeManifest: async (repository, reference, manifest, signal) => {
      const url = at(repository, `manifests/${checkedReference(reference)}`)
      const what = `write the manifest ${repository}:${reference}`
      const headers = { 'content-type': manifest.mediaType }
      const answer = await ask({
        method: 'PUT',
        url,
        repository,
        actions: 'pull,push',
        what,
        headers,
        body: manifest.bytes,
        signal,
        expect: [200, 201, 202, ...UNWILLING],
      })
      if (UNWILLING.includes(answer.status)) throw unwilling(address, what, answer.body.toString('utf8'))
      if (answer.status === 404) throw refusal(404, answer.body.toString('utf8'), null, { address, what, loggedIn: false })
      const digest = digestOf(manifest.bytes)
      const given = answer.headers.get('docker-content-digest')
      if (given !== null && parseDigest(given).ok && given !== digest)
        throw wrongBytes(address, `the manifest ${repository}:${reference}`, digest, given)
      return digest
    },

    listTags: (repository, signal) => listTags(ask, { repository, first: at(repository, 'tags/list'), signal }),

    deleteManifest: async (repository, digest, signal) => {
      const url = at(repository, `manifests/${checkedDigest(digest)}`)
      const what = `delete ${repository}@${digest}`
      const { status } = await ask({ method: 'DELETE', url, repository, actions: 'pull,delete', what, signal, expect: [200, 202] })
      return status !== 404
    },

    hasBlob: async (repository, digest, signal) => {
      const url = at(repository, `blobs/${checkedDigest(digest)}`)
      const { status } = await ask({
        method: 'HEAD',
        url,
        repository,
        actions: 'pull',
        what: `look up a blob of ${repository}`,
        signal,
        expect: [200],
      })
      return status === 200
    },

    readBlob: async (repository, digest, signal, limitBytes = MOST_BLOB_BYTES) => {
      const url = at(repository, `blobs/${checkedDigest(digest)}`)
      const what = `read a blob of ${repository}`
      const { status, body } = await ask({
        method: 'GET',
        url,
        repository,
        actions: 'pull',
        what,
        signal,
        limitBytes,
        deadlineMs: BLOB_DEADLINE_MS,
        expect: [200],
      })
      if (status === 404) return null
      const found = digestOf(body)
      if (found !== digest) throw wrongBytes(address, `a blob of ${repository}`, digest, found)
      return body
    },

    writeBlob: async (repository, bytes, signal) => {
      const what = `write a blob to ${repository}`
      const common = { repository, actions: 'pull,push', what, signal } as const
      const begun = await ask({
        ...common,
        method: 'POST',
        url: at(repository, 'blobs/uploads/'),
        headers: { 'content-length': '0' },
        expect: [201, 202],
      })
      const location = begun.headers.get('location')
      if (begun.status === 404) throw refusal(404, begun.body.toString('utf8'), null, { address, what, loggedIn: false })
      if (location === null || !URL.canParse(location, base.href)) throw transient(`the registry ${address} does not say where to ${what}`)
      const digest = digestOf(bytes)
      const url = new URL(location, base)
      // A registry behind a TLS proxy may not know that it is.
      if (url.host === base.host) url.protocol = base.protocol
      if (url.protocol !== base.protocol && url.protocol !== 'https:')
        throw transient(`the registry ${address} sends uploads to ${url.origin}, which is not encrypted`)
      url.searchParams.set('digest', digest)
      const headers = { 'content-type': 'application/octet-stream' }
      const answer = await ask({
        ...common,
        method: 'PUT',
        url,
        headers,
        body: bytes,
        deadlineMs: BLOB_DEADLINE_MS,
        expect: [200, 201, 204],
      })
      // The upload that was begun is forgotten: a registry that started anew.
      if (answer.status === 404) throw transient(`the registry ${address} forgot the upload it had begun, asked to ${what}`)
      return digest
    },

    check: async (signal) => {
      const { status } = await ask({ method: 'GET', url: base, repository: '', actions: 'pull', what: 'answer', signal, expect: [200] })
      if (status === 404) throw transient(`${address} answers, and is no registry: there is no /v2/`)
    },

    login: logins,
  }
  return registry
}

export function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function wrongBytes(address: string, what: string, expected: string, found: string) {
  return transient(`the registry ${address} gave other bytes for ${what}: expected ${expected}, found ${found}. They were not used.`)
}
