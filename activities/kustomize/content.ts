import type { ServiceImage } from '../../domain/candidate.ts'
import { quoted, type Parsed } from '../../domain/parsed.ts'
import { fenceName } from './fence-token.ts'
import { marksName } from './hook-marks.ts'
import { imagesOf, pinImages } from './images.ts'
import { isClusterWide, isNamespaceObject, waveOf } from './kinds.ts'
import { formatManifests, parseManifests, setString, spoken, type Manifest } from './manifests.ts'
import { markOwner, type Owner } from './ownership.ts'

type ContentInput = {
  readonly rendered: string
  readonly owner: Owner
  readonly namespace: string
  readonly images: readonly ServiceImage[]
  readonly registry: string
}

/**
 * Makes of what kustomize rendered what Slipway deploys: images by digest, everything in the environment's namespace and
 * marked as its own, in an order that does not depend on kustomize's version. The same input gives the same bytes.
 */
export function makeContent({ rendered, owner, namespace, images, registry }: ContentInput): Parsed<string> {
  const parsed = parseManifests(rendered)
  if (!parsed.ok) return parsed
  const manifests = parsed.value
  if (manifests.length === 0) return { ok: false, problem: 'holds no objects' }
  const problem = misplaced(manifests, namespace) ?? repeated(manifests) ?? reserved(manifests, owner)
  if (problem) return { ok: false, problem }
  const { unused, others } = pinImages(manifests, images, registry)
  if (images.length > 0 && unused.length === images.length) {
    const wanted = images.map((image) => image.repository).join(', ')
    return {
      ok: false,
      problem: `uses none of the candidate's images (${wanted}), only ${others.slice(0, 5).map(quoted).join(', ') || 'no image at all'}`,
    }
  }
  for (const manifest of manifests) {
    if (!isNamespaceObject(manifest)) setString(manifest.document, ['metadata', 'namespace'], namespace)
    markOwner(manifest, owner)
  }
  return { ok: true, value: formatManifests(manifests.toSorted(byPlace)) }
}

/** Services of the candidate that nothing in the content runs. */
export function unusedServices(manifests: readonly Manifest[], images: readonly ServiceImage[], registry: string): readonly string[] {
  const used = new Set(manifests.flatMap(imagesOf))
  return images.filter((image) => !used.has(`${registry}/${image.repository}@${image.digest}`)).map((image) => image.service)
}

function misplaced(manifests: readonly Manifest[], namespace: string): string | null {
  const foreign = manifests.filter((each) => !isClusterWide(each) && each.namespace !== null && each.namespace !== namespace)
  if (foreign.length > 0) {
    return `puts ${listed(foreign.map((each) => `${spoken(each)} into namespace ${quoted(each.namespace ?? '')}`))}; this environment is namespace ${namespace}`
  }
  const wide = manifests.filter((each) => isClusterWide(each) && !(isNamespaceObject(each) && each.name === namespace))
  return wide.length > 0
    ? `holds ${listed(wide.map(spoken))}, which belong to the whole cluster; they are the operator's to apply, an environment holds only what is in namespace ${namespace}`
    : null
}

function repeated(manifests: readonly Manifest[]): string | null {
  const seen = new Set<string>()
  for (const manifest of manifests) {
    const key = `${manifest.apiVersion.split('/').at(-2) ?? ''}/${spoken(manifest)}`
    if (seen.has(key)) return `holds ${spoken(manifest)} twice`
    seen.add(key)
  }
  return null
}

function reserved(manifests: readonly Manifest[], owner: Owner): string | null {
  const taken = manifests.find((each) => each.kind === 'ConfigMap' && [fenceName(owner), marksName(owner)].includes(each.name))
  return taken ? `holds ${spoken(taken)}, a name that Slipway keeps for itself` : null
}

function byPlace(a: Manifest, b: Manifest): number {
  return waveOf(a) - waveOf(b) || order(a.kind, b.kind) || order(a.name, b.name) || order(a.apiVersion, b.apiVersion)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function listed(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
}
