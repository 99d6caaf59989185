import type { Command } from 'commander'
import * as parse from '../arguments.ts'
import type { Runs } from '../program.ts'

/** What comes after a release: back, mended, merged back; and what was there before Slipway. */
export function addReleaseCommands(root: Command, runs: Runs): void {
  root
    .command('rollback')
    .description('go back to what was verified in an environment before; what runs now is vetoed there')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .option('--to <epoch|tag>', 'default: the newest that is something else than what runs', parse.epochOrTagArgument)
    .option('--force', 'also across what cannot be taken back, such as a migration')
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .option('--plan <basis>', 'only if the target is as it was in this plan: refused when it has moved since', parse.basisArgument)
    .option('--no-plan', 'at once, without asking the target first what will change')
    .action((environment: string, options: { to?: number | string; force?: true; reason: string; plan?: string | false }) =>
      runs(async (context) => (await import('../commands/rollback.ts')).rollback(context, { environment, ...options })),
    )

  root
    .command('override')
    .description('let a held request replace what it does not contain, or begin in a freeze; it still needs its approval')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('[request]', 'default: the one that is held, or waits for the end of a freeze', parse.requestArgument)
    .option('--freeze', 'it is a freeze that is overridden; somebody else confirms that afterwards')
    .option('--hash <hash>', 'as for approve', parse.hashArgument)
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, request: string | undefined, options: { hash?: string; reason: string; freeze?: true }) => {
      const { freeze, ...rest } = options
      const action = freeze === true ? 'breakGlass' : 'override'
      return runs(async (context) => (await import('../commands/vote.ts')).vote(context, { action, environment, request, ...rest }))
    })

  root
    .command('confirm')
    .description('as a second person, confirm that something had to begin in a freeze')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('<epoch>', 'of the deployment that began', parse.epochArgument)
    .option('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, epoch: number, options: { reason?: string }) =>
      runs(async (context) => (await import('../commands/confirm.ts')).confirm(context, { environment, epoch, ...options })),
    )

  root
    .command('veto')
    .description('keep automation from bringing back what was verified in an environment; what runs, runs on')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('<epoch|tag>', 'what was verified there', parse.epochOrTagArgument)
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, what: number | string, options: { reason: string }) =>
      runs(async (context) => (await import('../commands/veto.ts')).veto(context, { environment, what, ...options })),
    )

  root
    .command('unveto')
    .description('let automation bring back what was rolled back from, or did not become healthy')
    .argument('<environment>', 'such as prod', parse.environmentArgument)
    .argument('<epoch|tag>', 'what is vetoed', parse.epochOrTagArgument)
    .requiredOption('--reason <text>', 'why', parse.wordsArgument)
    .action((environment: string, what: number | string, options: { reason: string }) =>
      runs(async (context) => (await import('../commands/unveto.ts')).unveto(context, { environment, what, ...options })),
    )

  root
    .command('hotfix')
    .description('cut the branch of a hotfix from the release branch; a finished version is opened anew')
    .argument('[version]', 'default: the sprint that is live, else the version that is', parse.versionArgument)
    .action((version: string | undefined) => runs(async (context) => (await import('../commands/hotfix.ts')).hotfix(context, { version })))

  root
    .command('finish')
    .description('merge what is released and confirmed back into develop and master')
    .argument('[version]', 'default: the sprint that is live or merged back', parse.versionArgument)
    .option('--merged-as <sha>', 'while a branch waits for a person: the commit that brought it there, in full', parse.revisionArgument)
    .option('--target <branch>', 'the branch of that commit; default: the one that waits', parse.branchArgument)
    .action((version: string | undefined, options: { mergedAs?: string; target?: string }) =>
      runs(async (context) => (await import('../commands/finish.ts')).finish(context, { version, ...options })),
    )

  root
    .command('adopt')
    .description("take over what runs and what is under way without Slipway: one version's sprint, or everything")
    .argument('[version]', 'default: the environments, and the sprints of what runs there', parse.versionArgument)
    .option('--running <environment=tag>', 'what runs there, where it cannot be asked; repeat it', parse.runningArguments)
    .action((version: string | undefined, options: { running?: Record<string, string> }) =>
      runs(async (context) => (await import('../commands/adopt.ts')).adopt(context, { version, running: options.running ?? {} })),
    )
}
