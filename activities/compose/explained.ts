import { isMap, isPair, isScalar, parseDocument, visit } from 'yaml'
import { interpolate } from './interpolate.ts'
import type { IsPlain } from './service-diff.ts'

/**
 * Tells the values that the compose file and the estate's plain variables alone make. Whatever else compose comes to, the
 * host added, from an env_file or its `.env`: that may be a secret. Of a file that is placed there, nothing is known.
 */
export function explainedBy(file: string | null, variables: Readonly<Record<string, string>>): IsPlain {
  const known = new Set<string>()
  const add = (template: string) => {
    // compose may take a command apart.
    for (const each of [template, ...template.split(/\s+/)]) {
      const { text, missing } = interpolate(each, variables)
      if (missing.length === 0) known.add(text)
    }
  }
  if (file !== null) {
    visit(parseDocument(file, { schema: 'failsafe', logLevel: 'silent' }), {
      Pair: (_, { key, value }) => {
        // `NAME:` passes on what is exported.
        const isBare = value === null || (isScalar(value) && value.value === '')
        if (isScalar(key) && isBare) add(`\${${String(key.value)}}`)
      },
      Scalar: (_, { value }, path) => {
        const text = String(value)
        add(text)
        const parent = path.at(-1)
        if (isPair(parent) || isMap(parent)) return
        // In a list, `NAME=value`, or `NAME` for what is exported.
        const [name, ...rest] = text.split('=')
        add(rest.length > 0 ? rest.join('=') : `\${${name}}`)
      },
    })
  }
  // compose doubles what it would otherwise replace when its output is read again.
  return (value) => known.has(value.replaceAll('$$', '$'))
}
