import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { listOptions } from '../../config/describe.ts'
import { matchProject } from '../../config/match.ts'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig } from '../../config/read.ts'

const SLIPWAY = read('slipway')
const ESTATE = read('estate')

describe('the example files', () => {
  it('are valid and fit together', () => {
    const { slipway, estate } = parsed(SLIPWAY, ESTATE)
    const website = estate.projects['website']
    expect(website && matchProject(slipway, website, 'website')).toEqual([])
  })

  it('stay valid with each of the other ways that their comments show', () => {
    const others = commentedBlocks(ESTATE)
    expect(others.map(({ text }) => text.split(':')[0]?.trim())).toEqual(['credentials', 'store'])
    for (const other of others) parsed(SLIPWAY, withBlock(ESTATE, other))
    expect(commentedBlocks(SLIPWAY)).toEqual([])
  })

  it.each([
    ['slipway', SLIPWAY],
    ['estate', ESTATE],
  ] as const)('show every option of %s.yaml', (kind, text) => {
    const shown = new Set([text, ...commentedBlocks(text).map((block) => withBlock(text, block))].flatMap((each) => pathsIn(data(each))))
    // The forms of a login, of a host key and of a hook are shown at one of their places.
    const forms = new Set([...shown].map(form))
    const missing = listOptions(kind).filter(({ path }) => {
      const plain = path.replaceAll('<name>', '*')
      return !shown.has(plain) && !(form(plain) !== plain && forms.has(form(plain)))
    })
    expect(missing.map(({ path }) => path)).toEqual([])
  })

  it.each([
    ['slipway', SLIPWAY],
    ['estate', ESTATE],
  ] as const)('name the schema for editors: %s.yaml', (kind, text) => {
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=./schema/${kind}.schema.json`)
  })
})

describe('the documentation', () => {
  const docs = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const blocks = [...docs.matchAll(/```yaml\n# (slipway|estate)\.yaml\n([\s\S]*?)```/g)]

  it('begins with two files that are valid and fit together', () => {
    expect(blocks.map(([, kind]) => kind)).toEqual(['slipway', 'estate'])
    const { slipway, estate } = parsed(blocks[0]?.[2] ?? '', blocks[1]?.[2] ?? '')
    const website = estate.projects['website']
    expect(website && matchProject(slipway, website, 'website')).toEqual([])
  })
})

function read(kind: string): string {
  return readFileSync(new URL(`../../${kind}.example.yaml`, import.meta.url), 'utf8')
}

function parsed(slipwayText: string, estateText: string) {
  const slipway = parseConfig('slipway', { text: slipwayText, file: 'slipway.example.yaml' })
  const estate = parseConfig('estate', { text: estateText, file: 'estate.example.yaml' })
  if (!slipway.ok) throw new Error(formatProblems(slipway.problems))
  if (!estate.ok) throw new Error(formatProblems(estate.problems))
  return { slipway: slipway.value, estate: estate.value }
}

type Block = { readonly line: number; readonly text: string }

/** Runs of lines that begin with "#" and have no space after it, or go on below such a line. */
function commentedBlocks(text: string): readonly Block[] {
  return [...text.matchAll(/^ *#[a-z].*\n(?: *#  .*\n)*/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length - 1,
    text: match[0].replaceAll(/^( *)#/gm, '$1'),
  }))
}

/** The text with a block in place of the option of the same name before it. */
function withBlock(text: string, { line, text: block }: Block): string {
  const lines = text.split('\n')
  const key = /^ *[a-zA-Z]+:/.exec(block)?.[0] ?? ''
  const start = lines.slice(0, line).findLastIndex((each) => each.startsWith(key))
  const indent = key.search(/\S/)
  const length = lines.slice(start + 1).findIndex((each) => each.trim() !== '' && each.search(/\S/) <= indent)
  return [...lines.slice(0, start), ...block.trimEnd().split('\n'), ...lines.slice(start + 1 + length)].join('\n')
}

function form(path: string): string {
  return path.replace(/^.*(?=\.(login|hostKey)\.)/, '').replace(/^.*\.(before|after)\[\]/, 'hook')
}

function data(text: string): unknown {
  return parseDocument(text).toJS()
}

/** The paths of all keys, with `*` in place of each key in turn, as a name of the user's own. */
function pathsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsIn(each).map((path) => `[]${path === '' ? '' : '.'}${path}`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const inner = pathsIn(each)
    return [key, '*'].flatMap((name) => [name, ...inner.map((path) => (path.startsWith('[]') ? `${name}${path}` : `${name}.${path}`))])
  })
}
