import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program } from '../../client/program.ts'
import { anchorsOf, codeLines, npmScripts, relativeLinks, slipwayUses } from './markdown.ts'

/** What a document says must be there: files, headings, commands, options, scripts. */
const ROOT = join(import.meta.dirname, '..', '..')
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage'])

const pages = markdownIn(ROOT)
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

test('there are documents to look at', () => {
  for (const page of ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/cli.md', 'docs/decisions/README.md']) {
    expect(pages).toContain(page)
  }
})

test.each(pages)('%s: every relative link names a file, and a heading in it', (page) => {
  const broken = relativeLinks(read(page)).flatMap(({ file, anchor }) => {
    const target = file === '' ? page : relative(ROOT, join(ROOT, dirname(page), file))
    if (!existsSync(join(ROOT, target))) return [`${target} is not there`]
    if (anchor === null || !target.endsWith('.md') || anchorsOf(read(target)).includes(anchor)) return []
    return [`${target} has no heading for #${anchor}`]
  })
  expect(broken).toEqual([])
})

test.each(pages)('%s: every command and option of slipway exists', (page) => {
  const commands = commandLine()
  const wrong = codeLines(read(page))
    .flatMap(slipwayUses)
    .flatMap(({ command, options }) => {
      const known = commands.get(command)
      if (known === undefined) return [`slipway ${command}`]
      return options.filter((option) => !known.has(option)).map((option) => `slipway ${command} --${option}`)
    })
  expect(wrong).toEqual([])
})

test.each(pages)('%s: every npm script exists', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = codeLines(read(page)).flatMap(npmScripts)
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
})

test('every command is in docs/cli.md', () => {
  const described = new Set(
    codeLines(read('docs/cli.md'))
      .flatMap(slipwayUses)
      .map(({ command }) => command),
  )
  expect([...commandLine().keys()].filter((command) => !described.has(command))).toEqual([])
})

test('the Chinese README is the counterpart of the English one', () => {
  const [english, chinese] = ['README.md', 'README.zh-CN.md'].map(read) as [string, string]
  const links = (text: string) =>
    relativeLinks(text)
      .map(({ file, anchor }) => `${file}#${anchor ?? ''}`)
      .filter((link) => !link.startsWith('README'))
  const code = (text: string) => [...text.matchAll(/^ *```[^]*?^ *```/gm)].map(([block]) => block.replaceAll(/(?<=\S) +# .*$/gm, ''))
  const headings = (text: string) => [...text.matchAll(/^#+ /gm)].map(([mark]) => mark)
  expect(links(chinese)).toEqual(links(english))
  expect(code(chinese)).toEqual(code(english))
  expect(headings(chinese)).toEqual(headings(english))
})

test('what is wrong would be found', () => {
  expect(relativeLinks('[a](b.md#c) ![d](e.png) `[f](g)` [h](https://i.example)')).toEqual([
    { file: 'b.md', anchor: 'c' },
    { file: 'e.png', anchor: null },
  ])
  expect(anchorsOf('# One\n## Who may do what?\n```\n# no\n```')).toEqual(['one', 'who-may-do-what'])
  const line = 'docker-compose exec worker slipway stat --jsn && slipway worker --estate a -- --queues b'
  expect(slipwayUses(line)).toEqual([
    { command: 'stat', options: ['jsn'] },
    { command: 'worker', options: ['estate'] },
  ])
  expect(codeLines('`slipway cut`\n```sh\na \\\n  b\n```\n   ```sh\n   npm run --silent lab -- env\n   ```')).toEqual([
    'a b',
    'npm run --silent lab -- env',
    'slipway cut',
  ])
  expect(npmScripts('npm run --silent lab -- env; npm test -- x; npm pack')).toEqual(['lab', 'test'])
})

/** The long options of every command, its subcommands' and the global ones among them. */
function commandLine(): ReadonlyMap<string, ReadonlySet<string>> {
  const silent = { write: () => true }
  const io = { out: silent, err: silent, env: {}, cwd: ROOT, now: () => 0, onInterrupt: () => () => undefined }
  const unused = () => {
    throw new Error('nothing runs here')
  }
  const root = program(io, unused, unused)
  return new Map(root.commands.map((command) => [command.name(), new Set(['help', ...longOptions(root), ...deepOptions(command)])]))
}

function deepOptions(command: Command): string[] {
  return [...longOptions(command), ...command.commands.flatMap(deepOptions)]
}

function longOptions(command: Command): string[] {
  return command.options.map((option) => (option.long ?? '').slice(2))
}

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('.') || LEFT_OUT.has(entry.name) ? [] : markdownIn(path)
    return entry.name.endsWith('.md') ? [relative(ROOT, path)] : []
  })
}
