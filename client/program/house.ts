import { Option, type Command } from 'commander'
import * as parse from '../arguments.ts'
import type { Runs } from '../program.ts'

/** What concerns no sprint: setting up, serving, checking, cleaning. */
export function addHouseCommands(root: Command, runs: Runs): void {
  root
    .command('init')
    .description('write slipway.yaml and estate.yaml here, from what lies here; never overwrites')
    .action(() => runs(async (context) => (await import('../commands/init.ts')).init(context)))

  root
    .command('doctor')
    .description('check every part that will be needed, from where it will be needed, and say what to mend')
    .argument('[environments...]', 'only these environments', parse.environmentArguments)
    .option('--json', 'print JSON')
    .action((environments: string[], options: { json?: true }) =>
      runs(async (context) => (await import('../commands/doctor.ts')).doctor(context, { environments, ...options })),
    )

  root
    .command('dev')
    .description('a Temporal server on SQLite under .slipway/, its UI, a worker and, where configured, the gateway, until Ctrl-C')
    .option('--estate <file>', 'the estate.yaml of the worker (SLIPWAY_ESTATE); default: ./estate.yaml')
    .addOption(new Option('--port <port>', 'of Temporal').default(7233).argParser(parse.portArgument))
    .addOption(new Option('--ui-port <port>', 'of its UI; default: 1000 above the port').argParser(parse.portArgument))
    .argument('[arguments...]', 'further arguments of the worker, after --')
    .action((further: string[], options: { estate?: string; port: number; uiPort?: number }) =>
      runs(async (context) => (await import('../commands/dev.ts')).dev(context, { further, ...options })),
    )

  root
    .command('worker')
    .description('a worker that serves the projects of an estate.yaml')
    .option('--estate <file>', 'the estate.yaml (SLIPWAY_ESTATE); default: ./estate.yaml')
    .argument('[arguments...]', 'further arguments of the worker, after --')
    .action((further: string[], options: { estate?: string }) =>
      runs(async (context) => (await import('../commands/worker.ts')).worker(context, { further, ...options })),
    )

  root
    .command('gateway')
    .description('take webhooks in and tell the workflows to look; serve metrics and health')
    .option('--estate <file>', 'the estate.yaml (SLIPWAY_ESTATE); default: ./estate.yaml')
    .argument('[arguments...]', 'further arguments of the gateway, after --')
    .action((further: string[], options: { estate?: string }) =>
      runs(async (context) => (await import('../commands/gateway.ts')).gateway(context, { further, ...options })),
    )

  root
    .command('policy')
    .description('print the admission policy by which a cluster refuses overtaken deployments itself, for kubectl apply')
    .action(() => runs(async (context) => (await import('../commands/policy.ts')).policy(context)))

  root
    .command('clean')
    .description('remove worktrees, builder images and logs that nothing needs')
    .action(() => runs(async (context) => (await import('../commands/clean.ts')).clean(context)))

  root
    .command('hint')
    .description('say that something was pushed; for hooks: quick, and never in the way of a push')
    .argument('[project]', 'default: the project of this folder', parse.projectArgument)
    .action((project: string | undefined) => runs(async (context) => (await import('../commands/hint.ts')).hint(context, { project })))
}
