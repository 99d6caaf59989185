import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What can be measured by itself; without a choice, all of it. */
export const PARTS = ['steps', 'delivery', 'tag', 'status', 'memory'] as const
export type Part = (typeof PARTS)[number]

export type BenchOptions = {
  readonly rounds: number
  readonly parts: readonly Part[]
  readonly jsonFile: string | null
  /** Put the tables into docs/benchmarks.md. */
  readonly write: boolean
}

const FEWEST_ROUNDS_TO_WRITE = 7
const MOST_ROUNDS = 50

export const usage = `npm run bench -- delivery [OPTION…]

Measures Slipway against the same steps by hand, on the lab, one after the other in turns. About ten minutes.

  --rounds N    deliveries of each kind (default: 7)
  --only LIST   some of ${PARTS.join(',')}
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
  if (positionals.length !== 1 || positionals[0] !== 'delivery') {
    throw wrong(
      `expected the benchmark's name, which is "delivery", found ${positionals.length === 0 ? 'none' : `"${positionals.join(' ')}"`}`,
    )
  }
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    throw wrong(`--rounds is "${values.rounds}"; expected a whole number from 1 to ${MOST_ROUNDS}`)
  }
  const parts = values.only === undefined ? PARTS : readParts(values.only)
  if (values.write && (rounds < FEWEST_ROUNDS_TO_WRITE || parts.length < PARTS.length)) {
    throw wrong(`--write takes a whole run: all parts, and at least ${FEWEST_ROUNDS_TO_WRITE} rounds`)
  }
  return { rounds, parts, jsonFile: values.json === undefined ? null : resolve(folder, values.json), write: values.write }
}

function readParts(list: string): Part[] {
  const named = list.split(',')
  const unknown = named.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) throw wrong(`--only names "${unknown}"; expected some of ${PARTS.join(', ')}`)
  return PARTS.filter((part) => named.includes(part))
}

function wrong(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_PARSE_ARGS' })
}
