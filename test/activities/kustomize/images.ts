import { createHash } from 'node:crypto'
import type { Digest } from '../../../domain/digest.ts'

/** Makes images in the lab's registry without an engine: busybox's layer under a configuration of its own, so a digest of its own. */
export type ImageMaker = {
  /** `environment` makes the digest. */
  readonly image: (repository: string, environment: string) => Promise<Digest>
  /** An index whose only entry is that image. */
  readonly index: (repository: string, manifest: Digest) => Promise<Digest>
  readonly remove: () => Promise<void>
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json'

export function createImageMaker(registry: string): ImageMaker {
  const base = `http://${registry}/v2`
  const made: { repository: string; digest: Digest }[] = []
  const ask = async (method: string, url: string, body?: Buffer, type?: string) => {
    const answer = await fetch(url, {
      method,
      headers: { accept: MANIFEST, ...(type ? { 'content-type': type } : {}) },
      ...(body ? { body: new Uint8Array(body) } : {}),
    })
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const upload = async (repository: string, bytes: Buffer) => {
    const start = await ask('POST', `${base}/${repository}/blobs/uploads/`)
    const location = new URL(start.headers.get('location') ?? '', base)
    location.searchParams.set('digest', digestOf(bytes))
    await ask('PUT', location.href, bytes, 'application/octet-stream')
    return { size: bytes.length, digest: digestOf(bytes) }
  }
  const put = async (repository: string, document: unknown, type: string) => {
    const bytes = Buffer.from(JSON.stringify(document))
    const digest = digestOf(bytes)
    await ask('PUT', `${base}/${repository}/manifests/${digest}`, bytes, type)
    made.push({ repository, digest })
    return digest
  }
  return {
    async image(repository, environment) {
      const source = (await (await ask('GET', `${base}/lab/busybox/manifests/1`)).json()) as Manifest
      const config = (await (await ask('GET', `${base}/lab/busybox/blobs/${source.config.digest}`)).json()) as {
        config?: { Env?: string[] }
      }
      for (const layer of source.layers) await ask('POST', `${base}/${repository}/blobs/uploads/?mount=${layer.digest}&from=lab/busybox`)
      const changed = { ...config, config: { ...config.config, Env: [...(config.config?.Env ?? []), `MADE=${environment}`] } }
      const uploaded = await upload(repository, Buffer.from(JSON.stringify(changed)))
      return await put(repository, { ...source, config: { ...source.config, ...uploaded } }, MANIFEST)
    },
    async index(repository, manifest) {
      const { headers } = await ask('HEAD', `${base}/${repository}/manifests/${manifest}`)
      const entry = {
        mediaType: MANIFEST,
        digest: manifest,
        size: Number(headers.get('content-length')),
        platform: { os: 'linux', architecture: 'amd64' },
      }
      return await put(repository, { schemaVersion: 2, mediaType: INDEX, manifests: [entry] }, INDEX)
    },
    async remove() {
      for (const { repository, digest } of made) await fetch(`${base}/${repository}/manifests/${digest}`, { method: 'DELETE' })
    },
  }
}

type Manifest = { config: { digest: string }; layers: { digest: string }[] }

function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
