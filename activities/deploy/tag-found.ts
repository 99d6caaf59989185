import type { Parsed } from '../../domain/parsed.ts'
import type { SeenImage } from './target.ts'

/** The one image tag of what runs, or the one that a person gives it. */
export function tagFound(images: readonly SeenImage[], given: string | null, environment: string): Parsed<string> {
  if (given !== null) return { ok: true, value: given }
  const [first] = images
  if (first?.tag && images.every(({ tag }) => tag === first.tag)) return { ok: true, value: first.tag }
  const listed = [...new Set(images.map(({ where, repository, tag }) => `${where} ${repository}:${tag ?? '(by digest alone)'}`))]
  const shown = listed.slice(0, 20).join(', ') + (listed.length > 20 ? ` and ${listed.length - 20} more` : '')
  return {
    ok: false,
    problem: `expected one image tag for all that runs on ${environment}, found ${shown}. Pass the tag whose revision this is; the digests are taken from what runs.`,
  }
}
