import { canonicalJson } from '../../config/hash.ts'

/** A further compose file, in JSON, which is YAML as well: the images by digest, and nothing else. */
export function overrideFile(overrides: Readonly<Record<string, string>>, format: string | null): string {
  const services = Object.fromEntries(Object.entries(overrides).map(([service, image]) => [service, { image }]))
  // compose v1 refuses files of different versions, and a `services` of nothing.
  return `${canonicalJson({ ...(format === null ? {} : { version: format }), services })}\n`
}
