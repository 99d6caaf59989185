import { Composer, YAMLParseError, type CST, type Document, type ErrorCode } from 'yaml'
import type { Path, Position } from '../problem.ts'
import { readNodes, type Fault, type Place } from './nodes.ts'
import { syntaxWords } from './syntax-words.ts'
import { readTokens } from './tokens.ts'

/** A YAML file as plain data that remembers where everything stood. */
type ConfigDocument = {
  /** Undefined when the text is no YAML. */
  readonly data: unknown
  /** Mistakes of the YAML itself, each with its position. */
  readonly faults: readonly Fault[]
  /** The position of a path's key or value; of the nearest thing around it when it is not in the file. */
  readonly locate: (path: Path, at: 'key' | 'value') => Position
  /** How a plain value was written, such as `8.0` for the number 8. */
  readonly sourceOf: (path: Path) => string | null
}

/** No configuration is this long; what is would only cost time and memory. Bytes. */
export const MOST_BYTES = 1024 * 1024
const MOST_SYNTAX_FAULTS = 10
const START: Position = { line: 1, column: 1 }

/** Reads the text as one YAML 1.2 document of plain data: no tags, no merge keys, no key twice. Never throws. */
export function readDocument(text: string): ConfigDocument {
  if (Buffer.byteLength(text) > MOST_BYTES) return broken(fault('a file of more than 1 MiB', 'at most 1 MiB', START))
  const read = readTokens(text.replace(/^\uFEFF/, ''))
  const position = (offset: number): Position => {
    const { line, col } = read.lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (!read.ok) return broken(fault(read.found, read.expected, position(read.offset)))
  const document = compose(read.tokens, text.length)
  if (document.errors.length > 0) {
    const errors = document.errors.slice(0, MOST_SYNTAX_FAULTS)
    return broken(...errors.map(({ code, message, pos }) => syntaxFault(code, message, position(pos[0]))))
  }
  const { data, root, faults } = readNodes(document, position)
  return {
    data,
    faults,
    locate: (path, at) => locate(root, path, at),
    sourceOf: (path) => placeOf(root, path)?.source ?? null,
  }
}

function compose(tokens: readonly CST.Token[], length: number): Document.Parsed {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    merge: false,
    // The library's own check compares every key with every other: a long list of keys would take minutes.
    uniqueKeys: false,
  })
  const [document, second] = composer.compose(tokens, true, length)
  if (!document) throw new Error('expected a document even of an empty text')
  if (second) document.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', ''))
  return document
}

function locate(root: Place, path: Path, at: 'key' | 'value'): Position {
  let place = root
  for (const [index, part] of path.entries()) {
    const next = place.children.get(String(part))
    if (!next) return place.key ?? place.value
    place = next
    if (index === path.length - 1 && at === 'key') return place.key ?? place.value
  }
  return place.value
}

function placeOf(root: Place, path: Path): Place | null {
  let place: Place | undefined = root
  for (const part of path) place = place?.children.get(String(part))
  return place ?? null
}

function broken(...faults: readonly Fault[]): ConfigDocument {
  return { data: undefined, faults, locate: () => START, sourceOf: () => null }
}

function syntaxFault(code: ErrorCode, message: string, position: Position): Fault {
  const [found, expected, hint] = syntaxWords(code, message)
  return { ...fault(found, expected, position), ...(hint === undefined ? {} : { hint }) }
}

function fault(found: string, expected: string, position: Position): Fault {
  return { kind: 'syntax', path: [], at: 'value', found, expected, position }
}
