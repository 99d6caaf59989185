import { Argument, type Command } from 'commander'
import type { HoldKind } from '../../domain/environment/lock.ts'
import type { Choice } from '../../domain/environment/state.ts'
import * as parse from '../arguments.ts'
import type { Runs } from '../program.ts'

/** What keeps an environment as it is, and what decides about what is parked there. */
export function addGuardCommands(root: Command, runs: Runs): void {
  addHold(root, runs, 'lock', 'nothing is deployed to an environment until it is unlocked')
  addRelease(root, runs, 'lock', 'unlock', 'deployments go on; what somebody else locked needs a reason')
  addHold(root, runs, 'pin', 'automation changes nothing in an environment until it is unpinned; people may')
  addRelease(root, runs, 'pin', 'unpin', 'automation goes on; what somebody else pinned needs a reason')

  root
    .command('resolve')
    .description('decide about what is parked in an environment')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .addArgument(
      new Argument('<choice>', 'once more, go on without this hook, leave it as it is, or back to what ran before').choices([
        'retry',
        'skip',
        'abort',
        'rollback',
      ]),
    )
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, choice: Choice, options: { reason: string }) =>
      runs(async (context) => (await import('../commands/resolve.ts')).resolve(context, { environment, choice, ...options })),
    )
}

function addHold(root: Command, runs: Runs, kind: HoldKind, description: string): void {
  root
    .command(kind)
    .description(description)
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, options: { reason: string }) =>
      runs(async (context) => (await import('../commands/hold.ts')).hold(context, { kind, environment, ...options })),
    )
}

function addRelease(root: Command, runs: Runs, kind: HoldKind, name: string, description: string): void {
  root
    .command(name)
    .description(description)
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .option('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, options: { reason?: string }) =>
      runs(async (context) => (await import('../commands/hold.ts')).release(context, { kind, environment, ...options })),
    )
}
