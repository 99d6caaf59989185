/**
 * Replaces variables as compose does: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`,
 * `${NAME?message}`, `${NAME:+other}`, `${NAME+other}`, where a default may hold variables itself; `$$` is one `$`. A
 * variable without a value becomes nothing, and is named in `missing`.
 */
export function interpolate(
  template: string,
  variables: Readonly<Record<string, string>>,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = []
  let text = ''
  let at = 0
  while (at < template.length) {
    const dollar = template.indexOf('$', at)
    if (dollar < 0) break
    text += template.slice(at, dollar)
    const use = readUse(template, dollar)
    if (use) {
      const value = valueOf(use, variables)
      text += value.text
      missing.push(...value.missing)
    } else text += '$'
    at = use ? use.end : dollar + (template[dollar + 1] === '$' ? 2 : 1)
  }
  return { text: text + template.slice(at), missing }
}

/** Every variable that a template uses, in a default as well, whether it would decide anything or not. */
export function namesIn(template: string): readonly string[] {
  const names: string[] = []
  for (let at = 0; at < template.length;) {
    const dollar = template.indexOf('$', at)
    if (dollar < 0) break
    const use = readUse(template, dollar)
    if (use) names.push(use.name, ...namesIn(use.word))
    at = use ? use.end : dollar + (template[dollar + 1] === '$' ? 2 : 1)
  }
  return names
}

type Use = { readonly name: string; readonly operator: string; readonly word: string; readonly end: number }

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATOR = /:?[-?+]/y

function readUse(template: string, dollar: number): Use | null {
  const braced = template[dollar + 1] === '{'
  const name = matchAt(NAME, template, dollar + (braced ? 2 : 1))
  if (name === null) return null
  const after = dollar + (braced ? 2 : 1) + name.length
  if (!braced) return { name, operator: '', word: '', end: after }
  const operator = matchAt(OPERATOR, template, after) ?? ''
  const close = closingBrace(template, after + operator.length)
  if (close < 0 || (operator === '' && close !== after)) return null
  return { name, operator, word: template.slice(after + operator.length, close), end: close + 1 }
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? null
}

/** The brace that ends a use, past those of the uses inside its default. */
function closingBrace(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '$' && text[at + 1] === '{') depth++
    if (text[at] === '}' && depth-- === 0) return at
  }
  return -1
}

function valueOf({ name, operator, word }: Use, variables: Readonly<Record<string, string>>) {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined
  const set = value !== undefined && (value !== '' || !operator.startsWith(':'))
  if (operator.endsWith('+')) return set ? interpolate(word, variables) : { text: '', missing: [] }
  if (set) return { text: value, missing: [] }
  if (operator.endsWith('-')) return interpolate(word, variables)
  return { text: '', missing: [name] }
}
