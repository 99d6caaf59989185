import { EVIDENCE_NAMESPACE } from '../../evidence/format.ts'
import { keygen } from '../../evidence/keygen.ts'
import { permanent } from '../failure.ts'

/** Signs with the operator's key; `fingerprint` as ssh-keygen -lf prints it. */
export type Signer = { readonly fingerprint: string; readonly sign: (bytes: Buffer) => Promise<string> }

/** @throws permanent `InvalidConfiguration` when the key cannot be used */
export async function openSigner(key: string, environment: Readonly<Record<string, string | undefined>>): Promise<Signer> {
  const options = { path: environment['PATH'] ?? '/usr/bin:/bin', agent: environment['SSH_AUTH_SOCK'] }
  const cannot = (said: string) =>
    permanent(
      'InvalidConfiguration',
      `evidence.key of the estate cannot sign: ${lastLine(said)}. Expected an SSH key without a passphrase, or the public key of one that the agent at SSH_AUTH_SOCK holds.`,
    )
  const sign = async (bytes: Buffer) => {
    const signed = await keygen(['-q', '-Y', 'sign', '-n', EVIDENCE_NAMESPACE, '-f', key], { ...options, input: bytes })
    if (signed.code !== 0) throw cannot(signed.err)
    return signed.out
  }
  const shown = await keygen(['-l', '-f', key], options)
  const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/.exec(shown.out)?.[0]
  if (shown.code !== 0 || fingerprint === undefined) throw cannot(shown.err)
  return { fingerprint, sign }
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)?.slice(0, 300) ?? 'ssh-keygen says nothing'
}
