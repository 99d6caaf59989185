import { canonicalJson } from '../../config/hash.ts'

/**
 * A further compose file, in JSON, which is YAML as well: the images by digest, and nothing else.
 *
 * @param once a service that is to be run once
 */
export function overrideFile(overrides: Readonly<Record<string, string>>, format: string | null, once: string | null = null): string {
  const images = Object.entries(overrides).map(([service, image]) => [service, { image }] as const)
  const services: Record<string, { image?: string; restart?: string }> = Object.fromEntries(images)
  // The engine would start it again and again as it does the service itself.
  if (once !== null) services[once] = { ...services[once], restart: 'no' }
  // compose v1 refuses files of different versions, and a `services` of nothing.
  return `${canonicalJson({ ...(format === null ? {} : { version: format }), services })}\n`
}
