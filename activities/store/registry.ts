import { parseDigest, type Digest } from '../../domain/digest.ts'
import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'
import { digestOf, type Registry } from '../registry/client.ts'
import { bareMediaType, OCI_MANIFEST } from '../registry/media-types.ts'
import { checkedName } from './name.ts'
import type { Store } from './store.ts'

export const STORE_REPOSITORY = 'slipway/store'

export const CREATED = 'org.opencontainers.image.created'
const ARTIFACT_TYPE = 'application/vnd.slipway.content.v1'
/** The empty descriptor of the OCI image specification: an artifact without a configuration. */
const EMPTY = Buffer.from('{}')

/**
 * Keeps each content as an OCI artifact of one layer, tagged with the content's own hash: it is found by its digest
 * without a further index, and as every blob is named by a tagged manifest, garbage collection leaves it alone.
 */
export function createRegistryStore(registry: Registry): Store {
  return {
    put: async (bytes, mediaType, signal) => {
      const digest = digestOf(bytes)
      const tag = tagOf(digest)
      if ((await registry.resolve(STORE_REPOSITORY, tag, signal)) === null) {
        await Promise.all([registry.writeBlob(STORE_REPOSITORY, bytes, signal), ensureEmpty(registry, signal)])
        const manifest = artifactManifest(digest, bytes.length, mediaType, new Date())
        await registry.writeManifest(STORE_REPOSITORY, tag, { mediaType: OCI_MANIFEST, bytes: manifest }, signal)
      }
      return { digest, bytes: bytes.length }
    },
    name: async (name, digest, signal) => {
      const manifest = await registry.readManifest(STORE_REPOSITORY, tagOf(digest), signal)
      if (manifest === null) throw permanent('NotFound', `the store holds nothing of the digest ${digest} that could be named.`)
      await registry.writeManifest(STORE_REPOSITORY, checkedName(name), manifest, signal)
    },
    named: async (name, signal) => {
      const manifest = await registry.readManifest(STORE_REPOSITORY, checkedName(name), signal)
      return manifest === null ? null : contentOf(manifest.bytes)
    },
    get: async (digest, signal) => {
      if (!parseDigest(digest).ok) throw permanent('NotFound', `expected a digest of stored content, found ${quoted(digest)}.`)
      // The layer is the content, so its digest is enough to read it.
      const bytes = await registry.readBlob(STORE_REPOSITORY, digest, signal)
      if (bytes === null) {
        throw permanent(
          'NotFound',
          `the store holds nothing of the digest ${digest}: it is not in ${registry.address}/${STORE_REPOSITORY}. Was it cleaned up there?`,
        )
      }
      return bytes
    },
  }
}

/** The tag under which `docker manifest inspect` and the like find a stored content. */
export function tagOf(digest: string): string {
  return digest.slice('sha256:'.length)
}

function artifactManifest(digest: string, size: number, mediaType: string, created: Date): Buffer {
  const contentType = bareMediaType(mediaType)
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: ARTIFACT_TYPE,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(EMPTY), size: EMPTY.length },
      layers: [{ mediaType: contentType, digest, size, annotations: { 'org.opencontainers.image.title': tagOf(digest) } }],
      // So that a log can be told to be old.
      annotations: { [CREATED]: created.toISOString() },
    }),
  )
}

/** The layer is the content; null for what Slipway did not write. */
function contentOf(manifest: Buffer): Digest | null {
  const { layers } = JSON.parse(manifest.toString('utf8')) as { layers?: readonly { digest?: unknown }[] }
  const digest = layers?.[0]?.digest
  return typeof digest === 'string' && parseDigest(digest).ok ? digest : null
}

async function ensureEmpty(registry: Registry, signal: AbortSignal): Promise<void> {
  if (!(await registry.hasBlob(STORE_REPOSITORY, digestOf(EMPTY), signal))) await registry.writeBlob(STORE_REPOSITORY, EMPTY, signal)
}
