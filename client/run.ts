import { CommanderError } from 'commander'
import type { Context, GlobalOptions } from './context.ts'
import { EXIT, type CliError, type ExitCode } from './exit.ts'
import { explain, verboseText } from './explain.ts'
import { printLines, type Io } from './io.ts'
import { program } from './program.ts'
import { findProject } from './project.ts'
import type { Signer } from './sign/signer.ts'
import type { Slipway } from './typed/slipway.ts'

/** Opens one project at Temporal; a test gives its own. */
export type Open = (project: string, env: Io['env'], signer: Signer) => Promise<Slipway>

/** Runs one command line (without node and script) and gives the exit code. Never throws. */
export async function run(argv: readonly string[], io: Io, open: Open = openAtTemporal): Promise<ExitCode> {
  const opened: Slipway[] = []
  const contextFor = (options: GlobalOptions): Context => ({
    io,
    options,
    open: async (project) => {
      const slipway = await open(project ?? (await findProject(io, options)), io.env, signerFor(io, options))
      opened.push(slipway)
      return slipway
    },
  })
  let ended: ExitCode = EXIT.done
  const root = program(io, contextFor, (code) => {
    ended = code
  })
  try {
    await root.parseAsync(argv, { from: 'user' })
    return ended
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const explained = explain(error)
    complain(io, explained)
    if (root.opts()['verbose'] === true) printLines(io.err, ['', verboseText(explained.cause ?? explained)])
    return explained.exit
  } finally {
    await Promise.allSettled(opened.map((slipway) => slipway.close()))
  }
}

/** Loaded when something is said: a command that only asks does not pay for it. */
function signerFor(io: Io, options: GlobalOptions): Signer {
  return async (words, isAsked) => (await import('./sign/signer.ts')).createSigner(io, options)(words, isAsked)
}

async function openAtTemporal(project: string, env: Io['env'], signer: Signer): Promise<Slipway> {
  const [{ connect }, { openSlipway }] = await Promise.all([import('./connect.ts'), import('./typed/open.ts')])
  return openSlipway(await connect(env), project, signer)
}

function complain(io: Io, error: CliError): void {
  const said = error.exit === EXIT.refused ? `refused: ${error.message}` : error.message
  printLines(io.err, [said, ...error.next.map((command) => `  next: ${command}`)])
}
