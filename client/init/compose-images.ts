import { parse } from 'yaml'
import { parseImageReference } from '../../domain/image-reference.ts'

export type ComposeImage = { readonly service: string; readonly registry: string; readonly repository: string }

/** The images that a compose file names with `TAG`: those that this repository builds. */
export function composeImages(text: string): ComposeImage[] {
  const services = servicesOf(text)
  return Object.entries(services).flatMap(([service, value]): ComposeImage[] => {
    const image = typeof value === 'object' && value !== null && 'image' in value ? value.image : undefined
    if (typeof image !== 'string' || !/\$\{?TAG\b/.test(image)) return []
    const reference = parseImageReference(withDefaults(image))
    return reference.ok ? [{ service, registry: reference.value.registry, repository: reference.value.repository }] : []
  })
}

function servicesOf(text: string): object {
  try {
    const file: unknown = parse(text)
    const services = typeof file === 'object' && file !== null && 'services' in file ? file.services : null
    return typeof services === 'object' && services !== null ? services : {}
  } catch {
    // A compose file that does not parse is found out when it is used; here it only gives no hint.
    return {}
  }
}

/** `${REGISTRY:-localhost:5000}/eap/website:${TAG}` → `localhost:5000/eap/website`. */
function withDefaults(image: string): string {
  return image.replaceAll(/\$\{[A-Za-z0-9_]+:?-([^}]*)\}/g, '$1').replaceAll(/:?\$(\{[^}]*\}|[A-Za-z0-9_]+)/g, '')
}
