import { Command } from 'commander'
import type { Context, GlobalOptions } from './context.ts'
import { packageVersion } from './entry.ts'
import { usage, type ExitCode } from './exit.ts'
import type { Io } from './io.ts'
import { addCompletionCommands } from './program/completion.ts'
import { addEvidenceCommands } from './program/evidence.ts'
import { addEnvironmentCommands } from './program/environment.ts'
import { addGuardCommands } from './program/guard.ts'
import { addHouseCommands } from './program/house.ts'
import { addReleaseCommands } from './program/release.ts'
import { addSprintCommands } from './program/sprint.ts'
import { neutral } from './view/neutral.ts'

/** Runs one command's work; what it gives is the exit code, where that is not 0. */
export type Runs = (work: (context: Context) => Promise<ExitCode | void>) => Promise<void>

/**
 * The whole command line. Every command's module is loaded only when it runs, so that none pays for another.
 */
export function program(io: Io, contextFor: (options: GlobalOptions) => Context, end: (code: ExitCode) => void): Command {
  const root = new Command('slipway')
    .description("A team's whole sprint: build once, promote by digest, deploy, approve.")
    .option('--config <file>', 'the slipway.yaml that names the project (SLIPWAY_CONFIG); default: the nearest one upwards')
    .option('--project <name>', 'the project, where there is no slipway.yaml')
    .option('--as <name>', "who speaks (SLIPWAY_USER); default: git's user.name, else the machine's user")
    .option('--key <file>', 'sign what is said with this SSH key; a public key is looked for in the agent (SLIPWAY_KEY)')
    .option('--verbose', 'on an error, say everything that is known of it')
    .version(packageVersion(), '-V, --version', 'print the version of slipway')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => void io.out.write(text), writeErr: (text) => void io.err.write(text) })
    .exitOverride()
    .showHelpAfterError('(slipway --help lists the commands)')

  const runs: Runs = async (work) => {
    const code = await work(contextFor(root.opts<GlobalOptions>()))
    if (code !== undefined) end(code)
  }

  addSprintCommands(root, runs)
  addEnvironmentCommands(root, runs)
  addReleaseCommands(root, runs)
  addGuardCommands(root, runs)
  addEvidenceCommands(root, runs)
  addHouseCommands(root, runs)
  addCompletionCommands(root, runs)

  root.allowExcessArguments(true).action(async (_options: unknown, command: Command) => {
    const [unknown] = command.args
    if (unknown !== undefined) throw await unknownCommand(root, unknown)
    await runs(async (context) => (await import('./commands/overview.ts')).overview(context))
  })
  return root
}

async function unknownCommand(root: Command, name: string) {
  const { nearest } = await import('../config/mistakes/nearest.ts')
  const meant = nearest(
    name,
    root.commands.map((command) => command.name()),
  )
  return usage(`there is no command ${neutral(name)}${meant === null ? '' : `; did you mean ${meant}?`}`, ['slipway --help'])
}
