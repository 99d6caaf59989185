import { Option, type Command } from 'commander'
import * as parse from '../arguments.ts'
import type { Runs } from '../program.ts'

type ApproveOptions = {
  readonly hash?: string
  readonly plan?: string
  readonly reason?: string
  readonly dryRun?: true
  readonly json?: true
}

/** What is said to an environment, and asked of it. */
export function addEnvironmentCommands(root: Command, runs: Runs): void {
  root
    .command('env')
    .description('what runs in the environments, what waits there, and why')
    .argument('[environment]', 'default: all of them in short', parse.environmentArgument)
    .option('--json', 'print JSON')
    .action((name: string | undefined, options: { json?: true }) =>
      runs(async (context) => (await import('../commands/env.ts')).env(context, { name, ...options })),
    )

  root
    .command('plan')
    .description('what a deployment would change there, object by object; changes nothing')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('[candidate]', 'an image tag, a branch, a tag or a revision; default: the request that waits', parse.candidateArgument)
    .option('--to <epoch|tag>', 'of a rollback to it, as it was kept', parse.epochOrTagArgument)
    .option('--json', 'print JSON')
    .action((environment: string, candidate: string | undefined, options: { to?: number | string; json?: true }) =>
      runs(async (context) => (await import('../commands/plan.ts')).plan(context, { environment, candidate, ...options })),
    )

  root
    .command('drift')
    .description('whether an environment still is what was applied to it: exit 1 when something differs')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .option('--json', 'print JSON')
    .action((environment: string, options: { json?: true }) =>
      runs(async (context) => (await import('../commands/drift.ts')).drift(context, { environment, ...options })),
    )

  root
    .command('signoff')
    .description("QA's word on what runs in an environment now")
    .argument('<environment>', 'such as alpha', parse.environmentArgument)
    .addOption(new Option('--pass', 'it is good').conflicts('fail'))
    .addOption(new Option('--fail', 'it is not good'))
    .option('-m, --message <text>', 'why', parse.wordsArgument)
    .option('--epoch <number>', 'the epoch that was looked at; refused when another runs by now', parse.epochArgument)
    .action((environment: string, options: { pass?: true; fail?: true; message?: string; epoch?: number }) =>
      runs(async (context) => (await import('../commands/signoff.ts')).signoff(context, { environment, ...options })),
    )

  root
    .command('approve')
    .description('approve a request, by its hash, after showing what it changes, who signed it off, and whose commits it brings')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('[request]', 'default: the one that waits', parse.requestArgument)
    .option(
      '--hash <hash>',
      'the hash that was looked at, or its first eight digits or more; refused when it is another by now',
      parse.hashArgument,
    )
    .option(
      '--plan <basis>',
      'the basis of the plan that was looked at, or its first eight digits or more; refused when the target has moved since',
      parse.basisArgument,
    )
    .option('--reason <text>', 'why', parse.wordsArgument)
    .option('--dry-run', 'only show what would be approved')
    .option('--json', 'print JSON')
    .action((environment: string, request: string | undefined, options: ApproveOptions) =>
      runs(async (context) => (await import('../commands/approve.ts')).approve(context, { environment, request, ...options })),
    )

  root
    .command('reject')
    .description('reject a request that waits for approval or is held')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('[request]', 'default: the one that waits', parse.requestArgument)
    .option('--hash <hash>', 'as for approve', parse.hashArgument)
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, request: string | undefined, options: { hash?: string; reason: string }) =>
      runs(async (context) => (await import('../commands/vote.ts')).vote(context, { action: 'reject', environment, request, ...options })),
    )

  root
    .command('withdraw')
    .description("take one's own approval back, as long as the deployment has not begun")
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('[request]', 'default: the one that is approved', parse.requestArgument)
    .option('--hash <hash>', 'as for approve', parse.hashArgument)
    .option('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, request: string | undefined, options: { hash?: string; reason?: string }) =>
      runs(async (context) =>
        (await import('../commands/vote.ts')).vote(context, { action: 'withdraw', environment, request, ...options }),
      ),
    )

  root
    .command('retry')
    .description('try again what failed: one environment, or every failed build and parked environment')
    .argument('[environment]', 'such as alpha', parse.environmentArgument)
    .action((environment: string | undefined) =>
      runs(async (context) => (await import('../commands/retry.ts')).retry(context, { environment })),
    )

  root
    .command('logs')
    .description('the log of a build or of a failed deployment')
    .argument('[what]', 'an image tag, a branch, a revision or an environment; default: what failed or runs now', parse.whatArgument)
    .option('--service <name>', 'only this service', parse.environmentArgument)
    .option('--json', 'print JSON')
    .action((what: string | undefined, options: { service?: string; json?: true }) =>
      runs(async (context) => (await import('../commands/logs.ts')).logs(context, { what, ...options })),
    )
}
