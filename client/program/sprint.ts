import { Option, type Command } from 'commander'
import * as parse from '../arguments.ts'
import type { Runs } from '../program.ts'

/** What is said to a sprint, and asked of it. */
export function addSprintCommands(root: Command, runs: Runs): void {
  root
    .command('status')
    .description('where a sprint stands, what it waits for, and what can be done next')
    .argument('[version]', 'default: the newest open sprint', parse.versionArgument)
    .option('--json', 'print JSON')
    .option('--watch', 'follow it live')
    .option(
      '--until <state>',
      'follow it until this phase, or until it waits for this (cut, signOff, tag, approval …)',
      parse.untilArgument,
    )
    .option('--timeout <seconds>', 'with --watch or --until: give up after so long', parse.secondsArgument)
    .action((version: string | undefined, options: { json?: true; watch?: true; until?: string; timeout?: number }) =>
      runs(async (context) => (await import('../commands/status.ts')).status(context, { version, ...options })),
    )

  root
    .command('start')
    .description('begin the sprint of a version')
    .argument('<version>', 'such as 1.0.0', parse.versionArgument)
    .option('--feature <branch>', 'a feature branch that it ships; repeat it', parse.branchArguments)
    .action((version: string, options: { feature?: string[] }) =>
      runs(async (context) => (await import('../commands/start.ts')).start(context, { version, features: options.feature ?? [] })),
    )

  addFeatureCommands(root.command('feature').description('what a sprint ships'), runs)

  root
    .command('cut')
    .description('cut the release branch from develop')
    .argument('[version]', 'default: the sprint that integrates', parse.versionArgument)
    .option('--without <branch>', 'leave this unmerged feature out; repeat it', parse.branchArguments)
    .action((version: string | undefined, options: { without?: string[] }) =>
      runs(async (context) => (await import('../commands/cut.ts')).cut(context, { version, without: options.without ?? [] })),
    )

  root
    .command('tag')
    .description('tag the signed-off revision of the release branch')
    .argument('[version]', 'default: the sprint that stabilises', parse.versionArgument)
    .option('--revision <sha>', 'a commit, in full or its first eight digits; default: the tip of the release branch', parse.shaArgument)
    .action((version: string | undefined, options: { revision?: string }) =>
      runs(async (context) => (await import('../commands/tag.ts')).tag(context, { version, ...options })),
    )

  root
    .command('abort')
    .description('give a sprint up; branches, tags and environments stay as they are')
    .argument('[version]', 'needed when several sprints are open', parse.versionArgument)
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((version: string | undefined, options: { reason: string }) =>
      runs(async (context) => (await import('../commands/abort.ts')).abort(context, { version, ...options })),
    )

  root
    .command('history')
    .description('what happened in a sprint: when, where, by whom')
    .argument('[version]', 'default: the newest open sprint', parse.versionArgument)
    .option('--json', 'print JSON')
    .action((version: string | undefined, options: { json?: true }) =>
      runs(async (context) => (await import('../commands/history.ts')).history(context, { version, ...options })),
    )
}

function addFeatureCommands(feature: Command, runs: Runs): void {
  const sprint = () => new Option('--sprint <version>', 'default: the sprint that integrates').argParser(parse.versionArgument)

  for (const [action, description] of [
    ['add', 'list a feature branch'],
    ['remove', 'take a feature branch off the list'],
  ] as const) {
    feature
      .command(action)
      .description(description)
      .argument('<branch>', 'the feature branch', parse.branchArgument)
      .addOption(sprint())
      .action((branch: string, options: { sprint?: string }) =>
        runs(async (context) => (await import('../commands/feature.ts')).feature(context, { action, branch, ...options })),
      )
  }

  feature
    .command('merged')
    .description('say that a feature is in develop, where git cannot tell')
    .argument('<branch>', 'the feature branch', parse.branchArgument)
    .option('--by <sha>', 'the commit that brought it, in full', parse.revisionArgument)
    .addOption(sprint())
    .action((branch: string, options: { by?: string; sprint?: string }) =>
      runs(async (context) => (await import('../commands/feature.ts')).feature(context, { action: 'merged', branch, ...options })),
    )
}
