import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml'
import { showKey } from '../mistakes/format-path.ts'
import type { Mistake, Path, Position } from '../problem.ts'

/** Where a value stands, where its key stands, and the same for everything in it. */
export type Place = {
  readonly key: Position | null
  readonly value: Position
  /** A plain value as it was written. */
  readonly source: string | null
  readonly children: ReadonlyMap<string, Place>
}

/** A mistake of the YAML itself. */
export type Fault = Mistake & { readonly position: Position }

/** Far more than any configuration needs; an alias counts as often as it is used, so that a few cannot become millions. */
const MOST_NODES = 20_000
const MOST_LEVELS = 40

/** Turns the parser's nodes into plain data and a tree of positions. */
export function readNodes(
  document: Document.Parsed,
  position: (offset: number) => Position,
): { data: unknown; root: Place; faults: readonly Fault[] } {
  const walk: Walk = { position, faults: [], anchors: new Map(), nodes: 0, stopped: false }
  const [data, root] = readNode(walk, document.contents, { path: [], key: null, around: { line: 1, column: 1 } })
  return { data: walk.stopped ? undefined : data, root, faults: walk.faults }
}

type Walk = {
  readonly position: (offset: number) => Position
  readonly faults: Fault[]
  /** In the order of the file, as an alias means the last anchor before it. */
  readonly anchors: Map<string, Node>
  nodes: number
  stopped: boolean
}

type Here = {
  readonly path: Path
  readonly key: Position | null
  /** Where to point when the node has no place of its own. */ readonly around: Position
}

function readNode(walk: Walk, node: Node | null, here: Here): [unknown, Place] {
  const value = node?.range ? walk.position(node.range[0]) : (here.key ?? here.around)
  const place = { key: here.key, value, source: null, children: new Map<string, Place>() }
  if (walk.stopped) return [null, place]
  if (++walk.nodes > MOST_NODES)
    return stop(walk, place, 'too many values, aliases counted as often as they are used', `at most ${MOST_NODES}`)
  if (here.path.length > MOST_LEVELS)
    return stop(walk, place, 'mappings or lists that are nested too deeply', `at most ${MOST_LEVELS} levels`)
  if (node === null) return [null, place]
  if (isAlias(node)) return readAlias(walk, node.source, here, place)
  if (node.tag !== undefined && node.tag !== '') complain(walk, here.path, value, 'a tag ("!…")', 'a plain value without tag')
  if ('anchor' in node && node.anchor !== undefined) walk.anchors.set(node.anchor, node)
  if (isMap(node)) return readMap(walk, node.items as Pair<Node, Node | null>[], here, place)
  if (isSeq(node)) return readList(walk, node.items as Node[], here, place)
  return isScalar(node) ? [node.value, { ...place, source: node.source ?? null }] : [null, place]
}

function readMap(
  walk: Walk,
  items: readonly Pair<Node, Node | null>[],
  here: Here,
  place: Place & { children: Map<string, Place> },
): [unknown, Place] {
  const data: Record<string, unknown> = {}
  for (const { key: keyNode, value } of items) {
    const position = keyNode?.range ? walk.position(keyNode.range[0]) : place.value
    const key = keyText(keyNode)
    if (key === null || key === '__proto__') {
      complain(walk, here.path, position, key === null ? 'a key that is no plain text' : '"__proto__" as a key', 'a name as the key')
      continue
    }
    if (Object.hasOwn(data, key)) {
      const first = place.children.get(key)?.key?.line ?? 0
      complain(walk, here.path, position, `the key ${showKey(key, here.path)} again (first on line ${first})`, 'every key once')
      continue
    }
    const [each, child] = readNode(walk, value, { path: [...here.path, key], key: position, around: position })
    data[key] = each
    place.children.set(key, child)
    if (walk.stopped) break
  }
  return [data, place]
}

function readList(walk: Walk, items: readonly Node[], here: Here, place: Place & { children: Map<string, Place> }): [unknown, Place] {
  const data: unknown[] = []
  for (const [index, item] of items.entries()) {
    const [each, child] = readNode(walk, item, { path: [...here.path, index], key: null, around: place.value })
    data.push(each)
    place.children.set(String(index), child)
    if (walk.stopped) break
  }
  return [data, place]
}

function readAlias(walk: Walk, name: string, here: Here, place: Place): [unknown, Place] {
  const node = walk.anchors.get(name)
  if (!node) {
    complain(walk, here.path, place.value, 'an alias ("*…") without its anchor ("&…") before it', 'an anchor, or the value between quotes')
    return [null, place]
  }
  const [data, target] = readNode(walk, node, here)
  return [data, { ...target, key: here.key }]
}

/** A key as the user wrote it; null for one that is a list, a mapping, an alias or nothing. */
function keyText(node: Node | null): string | null {
  if (!isScalar(node) || node.value === null) return null
  return typeof node.value === 'string' ? node.value : (node.source ?? null)
}

function complain(walk: Walk, path: Path, position: Position, found: string, expected: string): void {
  walk.faults.push({ kind: 'syntax', path, at: 'value', found, expected, position })
}

function stop(walk: Walk, place: Place, found: string, expected: string): [unknown, Place] {
  walk.stopped = true
  complain(walk, [], place.value, found, expected)
  return [null, place]
}
