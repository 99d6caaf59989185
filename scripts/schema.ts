import { readFile, writeFile } from 'node:fs/promises'
import { jsonSchemaOf, listOptions, type Option } from '../config/describe.ts'

/**
 * Writes what is generated from the configuration's zod schemas: the JSON Schema files that editors complete from, and
 * the tables of options in the documentation. Run it after every change of a schema; a test compares.
 */

const KINDS = ['slipway', 'estate'] as const
const DOCS = 'docs/configuration.md'

if (import.meta.main) {
  const root = new URL('../', import.meta.url)
  const generated = generate(await readFile(new URL(DOCS, root), 'utf8'))
  for (const [file, text] of generated) await writeFile(new URL(file, root), text)
  process.stdout.write(`wrote ${[...generated.keys()].join(', ')}\n`)
}

/** Every generated file's text by its path in the repository. `docs` is the documentation as it is now. */
export function generate(docs: string): ReadonlyMap<string, string> {
  const schemas = KINDS.map((kind) => [`schema/${kind}.schema.json`, `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`] as const)
  const page = KINDS.reduce((text, kind) => withTable(text, kind, table(listOptions(kind))), docs)
  return new Map([...schemas, [DOCS, page]])
}

function withTable(docs: string, kind: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- options of ${kind}.yaml: begin -->`, `<!-- options of ${kind}.yaml: end -->`]
  const [before, rest] = docs.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`expected "${begin}" and "${end}" in ${DOCS}; put them where the table belongs`)
  return `${before}${begin}\n\n${lines.join('\n')}\n\n${end}${after}`
}

function table(options: readonly Option[]): readonly string[] {
  return ['| option | value | default | meaning |', '| --- | --- | --- | --- |', ...options.map(row)]
}

function row({ path, value, required, default: given, description }: Option): string {
  const absent = required ? 'required' : '–'
  const cells = [`\`${path}\``, value, given === null ? absent : `\`${given}\``, description]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<SERVICE>', '&lt;SERVICE&gt;')).join(' | ')} |`
}
