import type { Command } from 'commander'
import type { Runs } from '../program.ts'

/** What is left of a release for those who ask years later. */
export function addEvidenceCommands(root: Command, runs: Runs): void {
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
