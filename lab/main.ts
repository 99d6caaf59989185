import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { labDown, labReset } from './down.ts'
import { labEnv, shellExports } from './env.ts'
import { defaultParts, partNames } from './lab.ts'
import { streamLog } from './log.ts'
import { isPartName } from './parts/index.ts'
import { labStatus, statusTable } from './status.ts'
import { labUp } from './up.ts'

const usage = `npm run lab -- COMMAND

  up [PART…]      bring the lab, or parts of it, up; at once when it is up already
  down            end everything that it started; its data stays
  status          ask every part how it does (--json)
  env             how to reach each part, for a shell's eval (--json)
  reset           down, and delete its data

  --forge             with up: Gitea too, which takes minutes to build the first time
  --kubeconfig FILE   with up: use this cluster instead of starting one
  --own               with up: use nothing that this machine already has running or on the PATH
  --checkout FOLDER   whose lab; this checkout's by default

Parts: ${defaultParts.join(', ')}; and forge, for who names it
`

const checkoutOfThisFile = join(import.meta.dirname, '..')

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      forge: { type: 'boolean', default: false },
      kubeconfig: { type: 'string' },
      own: { type: 'boolean', default: false },
      checkout: { type: 'string', default: checkoutOfThisFile },
      help: { type: 'boolean', default: false },
    },
  })
  const [command, ...rest] = positionals
  const { checkout } = values
  const log = streamLog(process.stderr)
  switch (values.help ? 'help' : command) {
    case 'up': {
      const unknown = rest.filter((name) => !isPartName(name))
      if (unknown.length > 0) return misuse(`the lab has no part "${unknown.join(', ')}"; it has ${partNames.join(', ')}`)
      const wanted = rest.filter(isPartName)
      const env = await labUp(
        { checkout, own: values.own, forge: values.forge, kubeconfig: values.kubeconfig, ...(wanted.length > 0 ? { parts: wanted } : {}) },
        log,
      )
      if (wanted.length === 0)
        log.say(
          `the lab is up${env.temporal.uiAddress ? `; Temporal's page: ${env.temporal.uiAddress}` : ''}; eval "$(npm run --silent lab -- env)" points a shell at it`,
        )
      return 0
    }
    case 'down':
      await labDown({ checkout }, log)
      return 0
    case 'reset':
      await labReset({ checkout }, log)
      return 0
    case 'status': {
      const statuses = await labStatus(checkout)
      if (values.json) print(JSON.stringify(statuses, null, 2))
      else print(statuses.length === 0 ? 'the lab is down; bring it up with: npm run lab -- up' : statusTable(statuses))
      return statuses.length > 0 && statuses.every(({ up }) => up) ? 0 : 1
    }
    case 'env': {
      const env = await labEnv(checkout)
      print(values.json ? JSON.stringify(env, null, 2) : shellExports(env))
      return 0
    }
    case 'help':
      print(usage)
      return 0
    default:
      return misuse(command === undefined ? 'a command is missing' : `the lab has no command "${command}"`)
  }
}

function misuse(what: string): number {
  process.stderr.write(`${what}\n\n${usage}`)
  return 2
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
}
