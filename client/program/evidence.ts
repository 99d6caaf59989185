import type { Command } from 'commander'
import * as parse from '../arguments.ts'
import type { Runs } from '../program.ts'

/** What is left of a release for those who ask years later. */
export function addEvidenceCommands(root: Command, runs: Runs): void {
  root
    .command('notes')
    .description('release notes: what came since the release before, by conventional commits')
    .argument('<version>', 'a version, or one of its tags such as v1.0.0-hotfix1', parse.releaseArgument)
    .option('--markdown', 'print Markdown, with links to merge requests where a forge is configured')
    .option('--json', 'print JSON')
    .action((version: string, options: { markdown?: true; json?: true }) =>
      runs(async (context) => (await import('../commands/notes.ts')).notes(context, { version, ...options })),
    )

  root
    .command('evidence')
    .description('write what is known of a version into one file: timeline, approvals, signatures, digests, histories')
    .argument('<version>', 'such as 1.0.0', parse.versionArgument)
    .option('--out <file>', 'where to; default: PROJECT-VERSION.evidence.tar here')
    .option('--anew', 'gather it anew, also where a bundle is kept from the end of its sprint')
    .option('--json', 'print JSON')
    .action((version: string, options: { out?: string; anew?: true; json?: true }) =>
      runs(async (context) => (await import('../commands/evidence.ts')).evidence(context, { version, ...options })),
    )

  root
    .command('verify-evidence')
    .description('check a bundle of evidence: every digest, every signature, and that what was approved is what was deployed')
    .argument('<file>', 'the bundle')
    .option('--signers <file>', 'an OpenSSH allowed_signers file; default: signatures are not checked, and that is said')
    .option('--json', 'print JSON')
    .action((file: string, options: { signers?: string; json?: true }) =>
      runs(async (context) => (await import('../commands/verify-evidence.ts')).verifyEvidenceFile(context, { file, ...options })),
    )
}
