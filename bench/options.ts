import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** The benchmarks, and what of each can be measured by itself; without a choice, all of it. */
export const PARTS = {
  delivery: ['steps', 'delivery', 'tag', 'status', 'memory'],
  life: ['rollback', 'merge', 'history'],
  environment: ['plan', 'crash', 'storm', 'approval'],
  webhooks: ['rate'],
} as const

export type BenchName = keyof typeof PARTS
export type Part<Name extends BenchName> = (typeof PARTS)[Name][number]

export type BenchOptions<Name extends BenchName = BenchName> = {
  [Each in Name]: {
    readonly bench: Each
    readonly rounds: number
    readonly parts: readonly Part<Each>[]
    readonly jsonFile: string | null
    /** Put the tables into docs/benchmarks.md. */
    readonly write: boolean
  }
}[Name]

const FEWEST_ROUNDS_TO_WRITE = 7
const MOST_ROUNDS = 50

export const usage = `npm run bench -- delivery | life | environment | webhooks [OPTION…]

delivery  from git push to served: Slipway against the same steps by hand, on the lab, in turns. About ten minutes.
life      what comes after: ways back, the merge-back, and how long histories grow. About ten minutes.
environment  what keeps an environment safe: a plan of many objects against kubectl diff, the way back from a
          version that crashes, a hundred pushes in ten seconds, a signed approval. About fifteen minutes.
webhooks  how many verified webhooks a second the gateway answers within 100 ms. About three minutes.

  --rounds N    of each kind (default: 7)
  --only LIST   some of ${PARTS.delivery.join(',')}; or of ${PARTS.life.join(',')}; or of ${PARTS.environment.join(',')}
  --json FILE   write every sample and the medians
  --write       put the tables into docs/benchmarks.md (all parts, at least ${FEWEST_ROUNDS_TO_WRITE} rounds)
  --help        this
`

/**
 * @param folder where the person stands, for a relative file
 * @throws an error whose message says what is wrong with the command line
 */
export function parseOptions(args: readonly string[], folder: string): BenchOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '7' },
      only: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const rounds = Number(values.rounds)
  const common = { rounds, jsonFile: values.json === undefined ? null : resolve(folder, values.json), write: values.write }
  const name = readName(positionals)
  const options: BenchOptions =
    name === 'delivery'
      ? { bench: name, ...common, parts: readParts(name, values.only) }
      : name === 'life'
        ? { bench: name, ...common, parts: readParts(name, values.only) }
        : name === 'environment'
          ? { bench: name, ...common, parts: readParts(name, values.only) }
          : { bench: name, ...common, parts: readParts(name, values.only) }
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    throw wrong(`--rounds is "${values.rounds}"; expected a whole number from 1 to ${MOST_ROUNDS}`)
  }
  if (options.write && (rounds < FEWEST_ROUNDS_TO_WRITE || options.parts.length < PARTS[name].length)) {
    throw wrong(`--write takes a whole run: all parts, and at least ${FEWEST_ROUNDS_TO_WRITE} rounds`)
  }
  return options
}

function readName(positionals: readonly string[]): BenchName {
  const [name] = positionals
  if (positionals.length === 1 && name !== undefined && isBench(name)) return name
  const found = positionals.length === 0 ? 'none' : `"${positionals.join(' ')}"`
  throw wrong(`expected the benchmark's name, which is "delivery", "life", "environment" or "webhooks", found ${found}`)
}

function isBench(name: string): name is BenchName {
  return Object.hasOwn(PARTS, name)
}

function readParts<Name extends BenchName>(name: Name, list: string | undefined): readonly Part<Name>[] {
  const all: readonly Part<Name>[] = PARTS[name]
  if (list === undefined) return all
  const named = list.split(',')
  const unknown = named.find((part) => !all.some((known) => known === part))
  if (unknown !== undefined) throw wrong(`--only names "${unknown}"; expected some of ${all.join(', ')}`)
  return all.filter((part) => named.includes(part))
}

function wrong(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_PARSE_ARGS' })
}
