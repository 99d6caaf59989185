import { ApplicationFailure } from '@temporalio/common'
import { z } from 'zod'
import { permanent } from '../failure.ts'
import { shaped } from './ask.ts'
import type { NewRelease } from './forge.ts'
import type { Place } from './gitlab.ts'

const release = z.object({ tag_name: z.string() })

/** What people wrote on a page that is there stays as it is. @returns true when it was made now */
export async function publishGitlabRelease(place: Place, { tag, body }: NewRelease, signal: AbortSignal): Promise<boolean> {
  if (await isThere(place, tag, signal)) return false
  const what = `make the release page of ${tag}`
  const { releases } = await place.client(what, signal)
  try {
    const json: unknown = await releases.create(place.project, { name: tag, tagName: tag, description: body })
    if (shaped(release, json, place.name, what).tag_name === tag) return true
  } catch (error) {
    // Somebody was faster, an earlier attempt of ours perhaps; if it is not that, GitLab's own words are the reason.
    if (isFailure(error, 'Conflict') && (await isThere(place, tag, signal))) return false
    throw error
  }
  throw permanent('Conflict', `${place.name} answered with the release page of another tag than ${tag}. Look there.`)
}

async function isThere(place: Place, tag: string, signal: AbortSignal): Promise<boolean> {
  const what = `read the release page of ${tag}`
  const { releases } = await place.client(what, signal)
  try {
    const json: unknown = await releases.show(place.project, tag)
    return shaped(release, json, place.name, what).tag_name === tag
  } catch (error) {
    if (isFailure(error, 'NotFound')) return false
    throw error
  }
}

function isFailure(error: unknown, type: string): boolean {
  return error instanceof ApplicationFailure && error.type === type
}
