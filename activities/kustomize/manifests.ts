import { isAlias, isMap, isScalar, parseAllDocuments, Scalar, visit, type Document, type ScalarTag } from 'yaml'
import { quoted, type Parsed } from '../../domain/parsed.ts'

/** One object as kustomize rendered it. Only strings are read from it; everything else stays as it was written. */
export type Manifest = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Null when the object names none. */
  readonly namespace: string | null
  readonly document: Document
}

/**
 * Reads rendered manifests without interpreting a single value: every scalar keeps its text and its quotes, because a
 * YAML library that reads `0644` or `1e3` in its own way would write something else than kustomize meant.
 */
export function parseManifests(text: string): Parsed<readonly Manifest[]> {
  const manifests: Manifest[] = []
  const documents = parseAllDocuments(text, { schema: 'failsafe', customTags: [blank], logLevel: 'error' })
  if (!Array.isArray(documents)) return { ok: true, value: [] }
  for (const document of documents) {
    const error = document.errors[0]
    if (error) return { ok: false, problem: `is not valid YAML: ${error.message.split('\n')[0]}` }
    if (document.contents === null || isBlank(document)) continue
    const manifest = manifestOf(document)
    if (!manifest.ok) return manifest
    manifests.push(manifest.value)
  }
  return { ok: true, value: manifests }
}

export function formatManifest(manifest: Manifest): string {
  const { document } = manifest
  if (document.directives) document.directives.docStart = null
  let escaping = false
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string' || !UNWRITABLE.test(scalar.value)) return
      scalar.type = 'QUOTE_DOUBLE'
      escaping = true
    },
  })
  const text = document.toString({ lineWidth: 0, indentSeq: false })
  return escaping ? text.replace(new RegExp(UNWRITABLE, 'g'), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`) : text
}

/** Characters that the cluster's YAML reader takes for line breaks or refuses, unless they are escaped. */
const UNWRITABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/

/** Several documents, each after a line `---`. */
export function formatManifests(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${formatManifest(manifest)}`).join('')
}

/** `deployment/website`, as kubectl says it. */
export function spoken({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind.toLowerCase()}/${name}`
}

/** A string of the object, null when it is not there or no string. */
function stringAt(document: Document, path: readonly string[]): string | null {
  const node: unknown = document.getIn(path, true)
  if (!isScalar(node) || typeof node.value !== 'string' || node.value === '') return null
  return node.type === 'PLAIN' && /^(null|Null|NULL|~)$/.test(node.value) ? null : node.value
}

/** Sets a string, in quotes: without them `7.1` or `on` would be read as something else. */
export function setString(document: Document, path: readonly string[], value: string): void {
  const scalar = new Scalar(value)
  scalar.type = 'QUOTE_DOUBLE'
  document.setIn(path, scalar)
}

/** Sets a number or a truth value, which are text without quotes here. */
export function setPlain(document: Document, path: readonly string[], text: string): void {
  const scalar = new Scalar(text)
  scalar.type = 'PLAIN'
  document.setIn(path, scalar)
}

/** `key:` with nothing behind it means null, and stays as it is. */
const blank: ScalarTag = {
  tag: 'tag:yaml.org,2002:null',
  default: true,
  identify: (value) => value === null,
  test: /^$/,
  resolve: () => null,
  stringify: () => '',
}

function isBlank(document: Document): boolean {
  return isScalar(document.contents) && (document.contents.value === null || document.contents.value === 'null')
}

function manifestOf(document: Document): Parsed<Manifest> {
  if (!isMap(document.contents)) return { ok: false, problem: 'holds a document that is no Kubernetes object' }
  let aliases = 0
  visit(document, { Alias: () => void aliases++ })
  const apiVersion = stringAt(document, ['apiVersion'])
  const kind = stringAt(document, ['kind'])
  const name = stringAt(document, ['metadata', 'name'])
  // Rendering resolves aliases; one that is left could make a small file huge where it is read.
  if (aliases > 0 || isAlias(document.contents))
    return { ok: false, problem: `holds YAML aliases in ${kind ?? 'an object'} ${name ?? ''}`.trim() }
  if (!apiVersion || !kind || !/^([a-z0-9][a-z0-9.-]*\/)?[a-z][a-z0-9]*$/.test(apiVersion) || !/^[A-Za-z0-9]+$/.test(kind)) {
    return { ok: false, problem: `holds an object without a valid apiVersion and kind (${quoted(`${apiVersion ?? ''} ${kind ?? ''}`)})` }
  }
  if (!name) return { ok: false, problem: `holds a ${kind} without metadata.name; Slipway cannot follow objects that get a generated name` }
  return { ok: true, value: { apiVersion, kind, name, namespace: stringAt(document, ['metadata', 'namespace']), document } }
}
