import type { ErrorCode } from 'yaml'

type Words = readonly [found: string, expected: string, hint?: string]

/** The YAML parser's error in words that say what to do. Its own message is not repeated: some quote the text. */
export function syntaxWords(code: ErrorCode, message: string): Words {
  switch (code) {
    case 'TAB_AS_INDENT':
      return ['a tab at the beginning of a line', 'spaces']
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'a second key on one line, or a line that is indented too far',
        'one "key: value" a line',
        'put a value that contains ": " between quotes',
      ]
    case 'MULTILINE_IMPLICIT_KEY':
      return ['a key that goes over several lines', '"key: value" on one line', 'the line may be indented too far']
    case 'BAD_INDENT':
      return ['a line that is not indented like its neighbours', 'the same number of spaces before all entries of a mapping or list']
    case 'BAD_SCALAR_START':
      return ['a value that begins with a character that YAML keeps for itself', 'such a value between quotes']
    case 'BAD_DQ_ESCAPE':
      return ['an unknown escape between double quotes', '\\" or \\\\ or \\n', 'single quotes take every character as it is']
    case 'MULTIPLE_DOCS':
      return ['a second document after "---"', 'one document a file']
    case 'RESOURCE_EXHAUSTION':
      return ['mappings or lists that are nested too deeply', 'a few levels']
    case 'BAD_DIRECTIVE':
      return ['a line that begins with "%" and that YAML does not know', 'a mapping']
    case 'TAG_RESOLVE_FAILED':
      return ['a tag ("!…")', 'plain values']
    case 'MISSING_CHAR':
      return missing(message)
    default:
      return [
        'text that YAML cannot read here',
        '"key: value" lines and "- item" lists',
        'put a value with special characters between quotes',
      ]
  }
}

function missing(message: string): Words {
  if (/closing .quote/.test(message)) return ['a quote that is never closed', 'the closing quote']
  if (/Missing ,/.test(message)) return ['entries without a comma between them', '"," between the entries of [ ] and { }']
  if (/map values/.test(message)) return ['a line without ":"', '"key: value"']
  if (/- indicator/.test(message)) return ['a list entry without "-"', '"- " before every entry of a list']
  if (/must end with/.test(message)) return ['a bracket that is never closed', 'the closing "]" or "}"']
  return ['text that stops too early, or two things without a space between them', '"key: value" lines and "- item" lists']
}
