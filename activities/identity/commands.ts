import { SIGNATURE_NAMESPACE } from '../../domain/signed.ts'
import type { GitCommand } from '../git/run-git.ts'

/** Argument lists for ssh-keygen. Validity dates and namespaces of the signers' file are ssh-keygen's own to judge. */

/** Was exactly this signed, by a key that the signers' file gives this identity? */
export function verifySignature(signers: string, identity: string, signatureFile: string, statement: string): GitCommand {
  const args = ['-Y', 'verify', '-f', signers, '-I', identity, '-n', SIGNATURE_NAMESPACE, '-s', signatureFile]
  return { args, stdin: statement }
}

/** Whose key it is, by the signers' file; a line each. */
export function findPrincipals(signers: string, signatureFile: string): GitCommand {
  return { args: ['-Y', 'find-principals', '-f', signers, '-s', signatureFile] }
}
