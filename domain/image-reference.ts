import type { Digest } from './digest.ts'
import { parseDigest } from './digest.ts'
import { parseFailure, type Parsed } from './parsed.ts'

/** `registry/repository[:tag][@digest]`, for example `registry.example:5000/eap/website:v1.0.0@sha256:…`. */
export type ImageReference = {
  readonly registry: string
  readonly repository: string
  readonly tag: string | null
  readonly digest: Digest | null
}

const REGISTRY = /^(localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9.-]+(?=:\d)|\[[0-9a-f:]+\])(:\d{1,5})?$/i
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

export function isImageTag(text: string): boolean {
  return TAG.test(text)
}

export function isImageRepository(text: string): boolean {
  return text.length <= 200 && REPOSITORY.test(text)
}

export function isRegistryAddress(text: string): boolean {
  return REGISTRY.test(text)
}

export function parseImageReference(text: string): Parsed<ImageReference> {
  const expected = 'an image reference such as registry.example:5000/eap/website:v1.0.0'
  const slash = text.indexOf('/')
  const at = text.indexOf('@')
  if (slash < 0 || (at >= 0 && at < slash)) return parseFailure(text, expected)
  const registry = text.slice(0, slash)
  const rest = at < 0 ? text.slice(slash + 1) : text.slice(slash + 1, at)
  const digest = at < 0 ? null : text.slice(at + 1)
  const colon = rest.lastIndexOf(':')
  const repository = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? null : rest.slice(colon + 1)
  const valid =
    isRegistryAddress(registry) &&
    isImageRepository(repository) &&
    (tag === null || isImageTag(tag)) &&
    (digest === null || parseDigest(digest).ok)
  return valid ? { ok: true, value: { registry, repository, tag, digest } } : parseFailure(text, expected)
}

export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === null ? '' : `:${reference.tag}`
  const digest = reference.digest === null ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

/** Whether a repository is one of these, or lies below one: `eap/website/api` below `eap/website`, and `eap/website2` not. */
export function isWithin(places: readonly string[], repository: string): boolean {
  return places.some((place) => repository === place || repository.startsWith(`${place}/`))
}
