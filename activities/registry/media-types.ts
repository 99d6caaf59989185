/** Every manifest that an image can have; asked for together, so that a registry never converts one into another. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const

export const OCI_MANIFEST = MANIFEST_TYPES[0]

/** `text/plain; charset=utf-8` → `text/plain`: a descriptor's media type has no parameters. */
export function bareMediaType(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
