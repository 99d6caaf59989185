import { Argument, type Command } from 'commander'
import type { Shell } from '../completion/scripts.ts'
import type { Runs } from '../program.ts'

/** What a shell needs to complete a command line. */
export function addCompletionCommands(root: Command, runs: Runs): void {
  root
    .command('completion')
    .description('print the script that lets a shell complete slipway, such as: eval "$(slipway completion bash)"')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: Shell) => runs(async (context) => (await import('../commands/completion.ts')).completion(context, { shell })))

  root
    .command('complete', { hidden: true })
    .description('what can stand at the end of these words, one a line; for the scripts of completion')
    .argument('[words...]', 'the words after slipway, after --; the last is to be completed')
    .action((words: string[]) => runs(async (context) => (await import('../commands/complete.ts')).complete(context, { root, words })))
}
