import { z } from 'zod'
import { permanent } from '../failure.ts'
import { shaped, type AskForge } from './ask.ts'
import type { NewRelease } from './forge.ts'

type Place = { readonly name: string; readonly repository: string; readonly ask: AskForge; readonly url: string }

const release = z.object({ id: z.int().positive(), tag_name: z.string() })

/** What people wrote on a page that is there stays as it is. */
export async function publishGiteaRelease(place: Place, { tag, body }: NewRelease, signal: AbortSignal) {
  const url = `${place.url}/${place.repository}/releases/tag/${tag}`
  if (await isThere(place, tag, signal)) return { url, created: false }
  const what = `make the release page of ${tag}`
  const sent = { tag_name: tag, name: tag, body }
  const path = `repos/${place.repository}/releases`
  const { status, json } = await place.ask({ method: 'POST', path, body: sent, what, expect: [409], signal })
  // Somebody was faster, an earlier attempt of ours perhaps.
  if (status === 409) return { url, created: false }
  const made = shaped(release, json, place.name, what)
  if (made.tag_name === tag) return { url, created: true }
  throw permanent('Conflict', `${place.name} answered with the release page of another tag than ${tag}. Look there.`)
}

async function isThere({ name, repository, ask }: Place, tag: string, signal: AbortSignal): Promise<boolean> {
  const what = `read the release page of ${tag}`
  const { status, json } = await ask({ method: 'GET', path: `repos/${repository}/releases/tags/${tag}`, what, expect: [404], signal })
  return status !== 404 && shaped(release, json, name, what).tag_name === tag
}
