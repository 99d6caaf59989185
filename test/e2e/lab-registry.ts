import type { Estate } from './estate.ts'

const TYPES = ['application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.oci.image.manifest.v1+json'].join(', ')

/** What somebody with a password for the registry can do to names, by its HTTP interface. */
export function openLabRegistry({ env }: Pick<Estate, 'env'>, repository: string) {
  const base = `http://${env.registry.address}/v2/${repository}`

  async function manifest(reference: string) {
    const answer = await fetch(`${base}/manifests/${reference}`, { headers: { accept: TYPES } })
    if (!answer.ok) throw new Error(`the registry answered ${answer.status} for ${repository} ${reference}`)
    return {
      digest: answer.headers.get('docker-content-digest') ?? '',
      type: answer.headers.get('content-type') ?? '',
      body: await answer.text(),
    }
  }

  return {
    /** Every tag that names this digest. */
    tagsOf: async (digest: string): Promise<string[]> => {
      const { tags } = (await (await fetch(`${base}/tags/list`)).json()) as { tags: string[] }
      const named = await Promise.all(tags.map(async (tag) => ({ tag, is: (await manifest(tag)).digest })))
      return named.filter(({ is }) => is === digest).map(({ tag }) => tag)
    },
    /** The tag names something else from now on. */
    move: async (tag: string, to: string): Promise<void> => {
      const { type, body } = await manifest(to)
      const answer = await fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': type }, body })
      if (!answer.ok) throw new Error(`the registry answered ${answer.status} to a new name`)
    },
  }
}
